/** The official SDK as its documentation serves it over `node:http`, one tool, without authentication. */
import http from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { announce } from "./announce.ts";

// Made once: the factory below runs for every request, and building schemas in it would cost the SDK more than it must.
const inputSchema = z.object({ text: z.string() });

const handler = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: "bench", version: "1.0.0" });
    server.registerTool("echo", { description: "Echo the text back.", inputSchema }, ({ text }) => ({ content: [{ type: "text", text }] }));
    return server;
  }),
);

const server = http.createServer((req, res) => void handler(req as Parameters<typeof handler>[0], res));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) announce({ port: address.port });
});
