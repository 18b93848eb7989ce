import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A bound port. It answers 503 until it is given a handler. */
export interface Listener {
  readonly port: number;
  serve(handler: (req: IncomingMessage, res: ServerResponse) => void): void;
  /** Takes no new connection, lets what is under way end for at most `drainMs`, then cuts. */
  close(drainMs: number): Promise<void>;
}

// Slow clients are cut early: a request's head in 10 s, all of it in 30 s. Streamed responses are not concerned.
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 2_000 };
const MAX_CONNECTIONS = 10_000;
const IDLE_SWEEP_MS = 50;

export async function createListener(options: { readonly host: string; readonly port: number }): Promise<Listener> {
  let handler: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: 16 * 1024, noDelay: true }, (req, res) => {
    if (handler !== undefined) return handler(req, res);
    res.writeHead(503, { "retry-after": "1", "content-length": 0 }).end();
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
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
