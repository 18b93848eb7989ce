/** The official SDK as its documentation serves it over `node:http`, without authentication; the same tools as Remit's. */
import http from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { announce } from "./announce.mjs";
import { makeReport, STEPS } from "./answers.mjs";

// Made once: the factory below runs for every request, and building schemas in it would cost the SDK more than it must.
const inputSchema = z.object({ text: z.string() });
const row = z.object({ id: z.string(), name: z.string(), email: z.string(), seats: z.number(), active: z.boolean(), note: z.string() });
const outputSchema = z.object({ text: z.string(), rows: z.array(row) });
const rows = makeReport();

const handler = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: "bench", version: "1.0.0" });
    server.registerTool("echo", { description: "Echo the text back.", inputSchema }, ({ text }) => ({ content: [{ type: "text", text }] }));
    server.registerTool("count", { description: "Count to ten, then echo.", inputSchema }, async ({ text }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (let progress = 1; progress <= (progressToken === undefined ? 0 : STEPS); progress++)
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: STEPS, message: `Step ${progress}` },
        });
      return { content: [{ type: "text", text }] };
    });
    server.registerTool("report", { description: "A long list.", inputSchema, outputSchema }, ({ text }) => {
      const structuredContent = { text, rows };
      return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
    });
    return server;
  }),
);

const server = http.createServer((req, res) => void handler(req, res));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) announce({ port: address.port });
});
