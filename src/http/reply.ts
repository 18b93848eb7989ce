import type { ServerResponse } from "node:http";
import { once } from "node:events";
import type { EventStream, Reply } from "../mcp/index.ts";

const KEEP_ALIVE_MS = 15_000;

/** Ways to answer on a Node response. Nothing that depends on a token may be stored on the way. */
export function createReply(res: ServerResponse): Reply {
  return {
    json(status, body, headers) {
      const fixed = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), "Cache-Control": "no-store" };
      res.writeHead(status, headers === undefined ? fixed : { ...fixed, ...headers });
      res.end(body);
    },
    accepted() {
      res.writeHead(202, { "Content-Length": 0, "Cache-Control": "no-store" });
      res.end();
    },
    stream: () => createEventStream(res),
    relay: (response) => relay(res, response),
  };
}

function createEventStream(res: ServerResponse): EventStream {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" });
  const timer = setInterval(() => res.write(": keep-alive\n\n"), KEEP_ALIVE_MS).unref();
  res.once("close", () => clearInterval(timer));
  return {
    async send(json) {
      if (res.destroyed || res.writableEnded) return;
      if (res.write(`event: message\ndata: ${json}\n\n`)) return;
      // The reader is behind: wait until it has caught up, or has gone.
      await Promise.race([once(res, "drain"), once(res, "close")]);
    },
    backlogBytes: () => res.writableLength,
    end() {
      clearInterval(timer);
      res.end();
    },
  };
}

async function relay(res: ServerResponse, response: Response): Promise<void> {
  if (res.destroyed) return;
  res.writeHead(response.status, { ...Object.fromEntries(response.headers), "cache-control": "no-store" });
  if (response.body === null) {
    res.end();
    return;
  }
  const reader = response.body.getReader();
  res.once("close", () => void reader.cancel().catch(() => undefined));
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!res.write(part.value) && !res.destroyed) await Promise.race([once(res, "drain"), once(res, "close")]);
  }
  res.end();
}
