/** One request to the MCP endpoint without HTTP: what `createMcp` is handed, and the answer as the Fetch API has it. */
import type { Cancellation, Principal } from "../../src/call/index.ts";
import type { EventStream, Exchange, Reply } from "../../src/mcp/index.ts";

export interface TestExchange {
  readonly exchange: Exchange;
  /** Resolves when the response begins; cancelling its body is a client that goes away. */
  readonly response: Promise<Response>;
}

export function createExchange(principal: Principal, body: string | Buffer, headers: Exchange["headers"] = {}): TestExchange {
  const { promise: response, resolve } = Promise.withResolvers<Response>();
  const cancelled: { isCancelled: boolean; onCancel: Cancellation["onCancel"] } = { isCancelled: false, onCancel: undefined };
  const reply: Reply = {
    json: (status, text, more) => resolve(new Response(text, { status, headers: { "content-type": "application/json", ...more } })),
    accepted: () => resolve(new Response(null, { status: 202 })),
    stream() {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      resolve(new Response(readable, { headers: { "content-type": "text/event-stream" } }));
      return createEventStream(writable.getWriter(), () => {
        cancelled.isCancelled = true;
        cancelled.onCancel?.();
      });
    },
    async relay(given) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      resolve(new Response(given.body === null ? null : readable, given));
      // A reader that goes away ends the copying, which cancels what is copied.
      await given.body?.pipeTo(writable).catch(() => undefined);
    },
  };
  return { exchange: { principal, headers, body: Buffer.from(body), cancelled, reply }, response };
}

function createEventStream(writer: WritableStreamDefaultWriter<Uint8Array>, gone: () => void): EventStream {
  let backlogBytes = 0;
  writer.closed.catch(gone);
  return {
    async send(json) {
      const event = Buffer.from(`event: message\ndata: ${json}\n\n`);
      backlogBytes += event.length;
      await writer.write(event).catch(() => undefined);
      backlogBytes -= event.length;
    },
    backlogBytes: () => backlogBytes,
    end: () => void writer.close().catch(() => undefined),
  };
}
