import express from "express";
import type { Server } from "../../src/index.ts";

export function mountInExpress(remit: Server) {
  const app = express();
  // Before express.json(): Remit reads bodies itself, and stops at its own limits.
  app.use(remit.handle);
  app.use(express.json());
  app.get("/mine", (_req, res) => {
    res.send("my own page");
  });
  return app;
}
