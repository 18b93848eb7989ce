/**
 * Remit with many agents, a small tool, a tool that streams without end, and one that tells what memory is in use once all garbage is gone
 * (Node runs with --expose-gc).
 */
import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as z from "zod";
import { createServer, defineScopes, defineTool, parseConfig } from "../../dist/index.js";

const TEXT_CHARS = 16 * 1024;
const MINUTE_MS = 60_000;
const AGENTS = Number(process.env.BENCH_AGENTS ?? "1");

const scopes = defineScopes({
  "echo:read": { description: "Hear back what was said.", access: "read", baseline: true },
});
const shared = { scopes: ["echo:read"], effect: "read" };

const echo = defineTool({
  ...shared,
  name: "echo",
  title: "Echo",
  description: "Echo the text back.",
  input: z.object({ text: z.string() }),
  examples: [{ title: "Say hello", input: { text: "hello" } }],
  run: ({ text }) => text,
});

const memory = defineTool({
  ...shared,
  name: "memory",
  title: "Memory",
  description: "The memory in use after a full collection, in bytes.",
  input: z.object({}),
  examples: [{ title: "Look", input: {} }],
  run() {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return JSON.stringify({ rss, heapUsed, external });
  },
});

/** A new one each time: what waits for a reader is not shared with others. */
const text = (count) => `${count} `.padEnd(TEXT_CHARS, ".");

const flood = defineTool({
  ...shared,
  name: "flood",
  title: "Flood",
  description: "Sends progress until it is cancelled, each once the reader has taken the one before.",
  input: z.object({}),
  examples: [{ title: "Stream", input: {} }],
  timeoutMs: 5 * MINUTE_MS,
  async *run() {
    for (let count = 1; ; count++) yield { progress: count, message: text(count) };
  },
});

const hurry = defineTool({
  ...shared,
  name: "hurry",
  title: "Hurry",
  description: "Sends progress until it is cancelled, and never waits for the reader.",
  input: z.object({}),
  examples: [{ title: "Stream", input: {} }],
  timeoutMs: 5 * MINUTE_MS,
  async run(_input, { progress, signal }) {
    for (let count = 1; !signal.aborted; count++) {
      void progress(count, undefined, text(count));
      await nextTurn();
    }
    return "ended";
  },
});

const dataDir = process.env.REMIT_DATA;
if (dataDir === undefined) throw new Error("REMIT_DATA must name a folder of its own");
const config = parseConfig({
  PORT: "0",
  REMIT_DATA: dataDir,
  REMIT_LOG_LEVEL: "warn",
  REMIT_RATE_PER_SECOND: "1000000",
  REMIT_RATE_BURST: "1000000",
  REMIT_ACCESS_TOKEN_TTL_SECONDS: "3600",
});
const server = await createServer({ name: "bench", version: "1.0.0", scopes, tools: [echo, memory, flood, hurry], config });
const workspaceId = randomUUID();
await server.operator.seed((db, now) => db.insertInto("workspace").values({ id: workspaceId, name: "Bench", created_at: now }).execute());
const agents = [];
for (let i = 0; i < AGENTS; i++) {
  const agent = await server.operator.createAgent({ name: `Bench agent ${i}`, scopes: ["echo:read"], workspaceId });
  if ("problems" in agent) throw new Error(agent.problems.join("\n"));
  agents.push(agent);
}
await server.listen();
process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url).port), agents })}\n`);
