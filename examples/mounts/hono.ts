import { Hono } from "hono";
import type { Server } from "../../src/index.ts";

export function mountInHono(remit: Server) {
  const app = new Hono();
  app.get("/mine", (c) => c.text("my own page"));
  // After your own routes: Remit answers what is left, its 404 included.
  app.all("*", (c) => remit.fetch(c.req.raw));
  return app;
}
