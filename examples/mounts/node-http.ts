import { createServer as createHttpServer } from "node:http";
import type { Server } from "../../src/index.ts";

export function mountInNode(remit: Server) {
  return createHttpServer((req, res) => {
    remit.handle(req, res, () => {
      // Any path that is none of Remit's.
      res.end("my own page");
    });
  });
}
