import type { ServerResponse } from "node:http";
import type { EventStream, Reply } from "../mcp/index.ts";

const KEEP_ALIVE_MS = 15_000;

/** Ways to answer on a Node response. Nothing that depends on a token may be stored on the way. */
export function createReply(res: ServerResponse): Reply {
  return { __proto__: REPLY, res } as unknown as Reply;
}

// One set of functions for all responses.
const REPLY: Reply & ThisType<{ readonly res: ServerResponse }> = {
  json(status, body, headers) {
    const fixed = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), "Cache-Control": "no-store" };
    this.res.writeHead(status, headers === undefined ? fixed : { ...fixed, ...headers });
    this.res.end(body);
  },
  accepted() {
    this.res.writeHead(202, { "Content-Length": 0, "Cache-Control": "no-store" });
    this.res.end();
  },
  stream() {
    return createEventStream(this.res);
  },
  relay(response) {
    return relay(this.res, response);
  },
};

function createEventStream(res: ServerResponse): EventStream {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" });
  const timer = setInterval(() => res.write(": keep-alive\n\n"), KEEP_ALIVE_MS).unref();
  res.once("close", () => clearInterval(timer));
  return {
    async send(json) {
      if (res.destroyed || res.writableEnded) return;
      if (res.write(`event: message\ndata: ${json}\n\n`)) return;
      // The reader is behind: wait until it has caught up, or has gone.
      await drained(res);
    },
    backlogBytes: () => res.writableLength,
    end() {
      clearInterval(timer);
      res.end();
    },
  };
}

/** Resolves when the reader has caught up, or has gone. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off("drain", done).off("close", done);
      resolve();
    };
    res.on("drain", done).on("close", done);
  });
}

async function relay(res: ServerResponse, response: Response): Promise<void> {
  if (res.destroyed) return response.body?.cancel();
  res.writeHead(response.status, { ...Object.fromEntries(response.headers), "cache-control": "no-store" });
  if (response.body === null) {
    res.end();
    return;
  }
  const reader = response.body.getReader();
  res.once("close", () => void reader.cancel().catch(() => undefined));
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!res.write(part.value) && !res.destroyed) await drained(res);
  }
  res.end();
}
