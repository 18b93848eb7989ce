import fastify from "fastify";
import type { Server } from "../../src/index.ts";

export function mountInFastify(remit: Server) {
  const app = fastify();
  // onRequest comes before Fastify reads the body; done is called for paths that are none of Remit's.
  app.addHook("onRequest", (request, reply, done) => remit.handle(request.raw, reply.raw, done));
  app.get("/mine", () => "my own page");
  return app;
}
