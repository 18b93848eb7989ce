import type { ServerResponse } from "node:http";
import type { Reply } from "../mcp/index.ts";
import { createEventStream, dropWhenStalled } from "./event-stream.ts";

/** What an answer depends on beside its request line (RFC 9110 §12.5.5): a cache may hand it to no other caller. */
const VARY = "Authorization, Origin";
/** Shorter bodies are in the socket's buffers at once. */
const LONG_BODY_CHARS = 64 * 1024;

/** Ways to answer on a Node response. Nothing that depends on a token may be stored on the way. */
export function createReply(res: ServerResponse): Reply {
  // Not `__proto__` in a literal, which V8 makes by way of its slow runtime.
  const reply = Object.create(REPLY) as { -readonly [M in keyof Reply]: Reply[M] } & { res: ServerResponse };
  reply.res = res;
  return reply;
}

// One set of functions for all responses.
const REPLY: Reply & ThisType<{ readonly res: ServerResponse }> = {
  json(status, text, headers) {
    // A long text is encoded once: as a string it would be measured, joined to the headers, and encoded again.
    const body = text.length > LONG_BODY_CHARS ? Buffer.from(text) : text;
    const fixed = {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "no-store",
      Vary: VARY,
    };
    this.res.writeHead(status, headers === undefined ? fixed : { ...fixed, ...headers });
    this.res.end(body);
    if (text.length > LONG_BODY_CHARS) dropWhenStalled(this.res);
  },
  accepted() {
    this.res.writeHead(202, { "Content-Length": 0, "Cache-Control": "no-store", Vary: VARY });
    this.res.end();
  },
  stream(headers) {
    return createEventStream(this.res, headers);
  },
};
