/** One request to the MCP endpoint without HTTP: what `createMcp` is handed, and the answer as the Fetch API has it. */
import { NO_POLICY, type Cancellation, type Principal } from "../../src/call/index.ts";
import type { EventStream, Exchange, Reply, StreamEvent } from "../../src/mcp/index.ts";

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
    stream(more) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      resolve(new Response(readable, { headers: { "content-type": "text/event-stream", "cache-control": "no-store", ...more } }));
      return createEventStream(writable.getWriter(), () => {
        cancelled.isCancelled = true;
        cancelled.onCancel?.();
      });
    },
  };
  return { exchange: { principal, headers, body: Buffer.from(body), cancelled, reply }, response };
}

function createEventStream(writer: WritableStreamDefaultWriter<Uint8Array>, gone: () => void): EventStream {
  writer.closed.catch(gone);
  const write = async ({ name = "message", id, retryMs, data }: StreamEvent) => {
    const fields = Object.entries({ event: name, id, retry: retryMs, data }).filter(([, value]) => value !== undefined && value !== null);
    const event = `${fields.map(([field, value]) => `${field}: ${value}\n`).join("")}\n`;
    await writer.write(Buffer.from(event)).catch(() => undefined);
  };
  return {
    send: (json, id) => write({ data: json, id }),
    event: write,
    end(json, id) {
      if (json !== undefined) void write({ data: json, id });
      void writer.close().catch(() => undefined);
    },
    drop: () => void writer.abort(),
    onClose: (listener) => void writer.closed.then(listener, listener),
  };
}

/** What the data path needs for calls that change something, where no policy says anything and no call is ever held. */
export const UNHELD = {
  changeKey: Buffer.alloc(32, 5),
  policies: { of: () => NO_POLICY },
  approvals: {
    admit: () => Promise.reject(new Error("no call needs an approval here")),
    use: () => Promise.reject(new Error("no call needs an approval here")),
  },
};
