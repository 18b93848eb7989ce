import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A loopback proxy that adds a bearer token to each request and passes everything else through as it is. */
export interface Proxy {
  readonly origin: string;
  close(): Promise<void>;
}

/** Stands in front of `target`, an origin, for clients that cannot send a token. */
export async function createProxy(target: string, token: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);

  function forward(req: IncomingMessage, res: ServerResponse): void {
    const options = { hostname, port, path: req.url, method: req.method, headers: { ...req.headers, authorization: `Bearer ${token}` } };
    const upstream = request(options, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    upstream.on("error", () => res.destroy());
    // A client that leaves must be seen leaving.
    res.on("close", () => upstream.destroy());
    req.pipe(upstream);
  }

  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
