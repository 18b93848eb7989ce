/**
 * FastMCP (TypeScript) with its lightest settings: stateless HTTP, plain JSON answers, one tool, no authentication. It speaks
 * 2025-11-25, so its answer lacks the envelope of 2026-07-28.
 */
import { FastMCP } from "fastmcp";
import * as z from "zod";
import { announce, freePort } from "./announce.mjs";

const silent = { debug() {}, error() {}, info() {}, log() {}, warn() {} };
const server = new FastMCP({ name: "bench", version: "1.0.0", logger: silent });
server.addTool({
  name: "echo",
  description: "Echo the text back.",
  parameters: z.object({ text: z.string() }),
  execute: ({ text }) => Promise.resolve(text),
});

const port = await freePort();
// It logs to stdout while it starts, where the parent expects one JSON line; the answer to a call is not logged.
console.log = () => {};
console.info = () => {};
await server.start({ transportType: "httpStream", httpStream: { host: "127.0.0.1", port, stateless: true, enableJsonResponse: true } });
announce({ port });
