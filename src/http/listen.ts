import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BootError } from "../errors.ts";
import type { DirectBody } from "./body.ts";

// An import of node:http would load its WebSocket too, and with it all of undici: 4 MB and a twentieth of the time to start.
const http = process.getBuiltinModule("node:http");

/** A bound port. It answers 503 until it is given a handler. */
export interface Listener {
  readonly port: number;
  serve(handler: (req: IncomingMessage, res: ServerResponse) => void): void;
  /** Takes no new connection, lets what is under way end for at most `drainMs`, then cuts. */
  close(drainMs: number): Promise<void>;
}

// Slow clients are cut early: a request's head in 10 s, all of it in 30 s. Streamed responses are not concerned.
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 2_000 };
/**
 * A request that can hand over its body as the parser finds it: as a stream, a small body takes a fifth of the time that Node needs for a request.
 * Until it is asked to, and for everybody else, it is what it extends.
 */
class DirectRequest extends http.IncomingMessage implements DirectBody {
  sink: ((chunk: Buffer | null) => void) | undefined = undefined;
  hasHandedOver = false;

  handOver(sink: (chunk: Buffer | null) => void): boolean {
    // Some of it is in the stream already.
    if (this.readableLength > 0 || this.complete) return false;
    this.sink = sink;
    // Else Node reads the stream to its end once it is answered; where this means nothing, it does that in vain.
    (this as { _consuming?: boolean })._consuming = true;
    return true;
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.sink === undefined) return super.push(chunk, encoding);
    this.hasHandedOver = chunk === null;
    this.sink(chunk);
    return true;
  }
}

// What Node looks at before it lets go of a request that was answered.
Object.defineProperty(DirectRequest.prototype, "readableEnded", {
  get(this: DirectRequest) {
    return this.hasHandedOver || Reflect.get(http.IncomingMessage.prototype, "readableEnded", this);
  },
});

const MAX_CONNECTIONS = 10_000;
const IDLE_SWEEP_MS = 50;

export async function createListener(options: { readonly host: string; readonly port: number }): Promise<Listener> {
  let handler: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  const server = http.createServer({ ...TIMEOUTS, IncomingMessage: DirectRequest, maxHeaderSize: 16 * 1024, noDelay: true }, (req, res) => {
    if (handler !== undefined) return handler(req, res);
    res.writeHead(503, { "retry-after": "1", "content-length": 0 }).end();
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, options)));
    server.listen(options.port, options.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    serve(given) {
      handler = given;
    },
    async close(drainMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
      const cut = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

function explain(error: NodeJS.ErrnoException, { host, port }: { readonly host: string; readonly port: number }): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new BootError([`port ${port} on ${host} is in use; stop what uses it, or set PORT`]);
    case "EACCES":
      return new BootError([`this user may not listen on port ${port}; set PORT to 1024 or higher`]);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new BootError([`${host} is not an address of this machine; set HOST`]);
    default:
      return error;
  }
}
