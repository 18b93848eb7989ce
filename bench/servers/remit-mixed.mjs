/** Remit with one tool of each kind, and one that tells what is in use once all garbage is gone (Node runs with --expose-gc). */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { createServer, defineScopes, defineTool, parseConfig } from "../../dist/index.js";

const AGENTS = Number(process.env.BENCH_AGENTS ?? "1");

const scopes = defineScopes({
  "echo:read": { description: "Hear back what was said.", access: "read", baseline: true },
  "echo:write": { description: "Keep what was said.", access: "write", includes: ["echo:read"] },
  "echo:admin": { description: "Nobody holds this.", access: "write" },
});
const said = { input: z.object({ text: z.string() }), examples: [{ title: "Say hello", input: { text: "hello" } }] };
const reading = { scopes: ["echo:read"], effect: "read", ...said };

const tools = [
  defineTool({ ...reading, name: "echo", title: "Echo", description: "Echo the text back.", run: ({ text }) => text }),
  defineTool({
    ...reading,
    name: "keep",
    title: "Keep",
    description: "Keep the text.",
    scopes: ["echo:write"],
    effect: "write",
    run: ({ text }) => text,
  }),
  defineTool({
    ...reading,
    name: "tell",
    title: "Tell",
    description: "Tell the text in parts.",
    async *run({ text }) {
      for (let part = 1; part <= 3; part++) yield { progress: part, total: 3, message: text };
      return text;
    },
  }),
  defineTool({
    ...reading,
    name: "repeat",
    title: "Repeat",
    description: "Repeat the text many times: more than an answer holds.",
    run: ({ text }) => Array.from({ length: 4000 }, (_, at) => `${at} ${text}`).join("\n"),
  }),
  defineTool({ ...reading, name: "later", title: "Later", description: "Echo the text later.", task: "required", run: ({ text }) => text }),
  defineTool({
    ...reading,
    name: "forbidden",
    title: "Forbidden",
    description: "What nobody may do.",
    scopes: ["echo:admin"],
    effect: "write",
    run: ({ text }) => text,
  }),
  defineTool({
    ...reading,
    name: "memory",
    title: "Memory",
    description: "What is in use after a full collection: bytes, and handles by kind.",
    input: z.object({}),
    examples: [{ title: "Look", input: {} }],
    run() {
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      return JSON.stringify({ rss, heapUsed, external, handles: process.getActiveResourcesInfo().length });
    },
  }),
];

const dataDir = process.env.REMIT_DATA;
if (dataDir === undefined) throw new Error("REMIT_DATA must name a folder of its own");
const config = parseConfig({
  PORT: "0",
  REMIT_DATA: dataDir,
  REMIT_LOG_LEVEL: "warn",
  REMIT_RATE_PER_SECOND: process.env.REMIT_RATE_PER_SECOND ?? "1000000",
  REMIT_RATE_BURST: process.env.REMIT_RATE_BURST ?? "1000000",
  REMIT_ACCESS_TOKEN_TTL_SECONDS: "3600",
});
const server = await createServer({ name: "bench", version: "1.0.0", scopes, tools, config });
const workspaceId = randomUUID();
await server.operator.seed((db, now) => db.insertInto("workspace").values({ id: workspaceId, name: "Bench", created_at: now }).execute());
const agents = [];
for (let i = 0; i < AGENTS; i++) {
  const agent = await server.operator.createAgent({ name: `Bench agent ${i}`, scopes: ["echo:write"], workspaceId });
  if ("problems" in agent) throw new Error(agent.problems.join("\n"));
  agents.push(agent);
}
await server.listen();
process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url).port), agents })}\n`);
