/**
 * Remit as published, with everything on: verified token, decision, rate limit per agent, durable ledger. Its tools are declared as
 * users declare theirs. Plain JavaScript over the build, so that the process holds what an installed server holds and no more.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { makeReport, STEPS } from "./answers.mjs";

const { createServer, defineScopes, defineTool, parseConfig } = await import(process.env.BENCH_REMIT ?? "../../dist/index.js");

const scopes = defineScopes({
  "echo:read": { description: "Hear back what was said.", access: "read", baseline: true },
});

const echo = defineTool({
  name: "echo",
  title: "Echo",
  description: "Echo the text back.",
  scopes: ["echo:read"],
  effect: "read",
  input: z.object({ text: z.string() }),
  examples: [{ title: "Say hello", input: { text: "hello" } }],
  run: ({ text }) => text,
});

const count = defineTool({
  name: "count",
  title: "Count",
  description: "Count to ten, then echo.",
  scopes: ["echo:read"],
  effect: "read",
  input: z.object({ text: z.string() }),
  examples: [{ title: "Count", input: { text: "done" } }],
  async run({ text }, { progress }) {
    for (let step = 1; step <= STEPS; step++) await progress(step, STEPS, `Step ${step}`);
    return text;
  },
});

const rows = makeReport();
const row = z.object({ id: z.string(), name: z.string(), email: z.string(), seats: z.number(), active: z.boolean(), note: z.string() });
const report = defineTool({
  name: "report",
  title: "Report",
  description: "A long list.",
  scopes: ["echo:read"],
  effect: "read",
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string(), rows: z.array(row) }),
  examples: [{ title: "All rows", input: { text: "all" } }],
  // The value stands in an answer twice: as it is, and as text for clients that read only that.
  maxResultBytes: 4 * 1024 * 1024,
  maxResultTokens: 1024 * 1024,
  run: ({ text }) => ({ text, rows }),
});

const dataDir = process.env.REMIT_DATA;
if (dataDir === undefined) throw new Error("REMIT_DATA must name a folder of its own");
// One agent makes all calls, so its bucket is large; it is looked at on every call all the same.
const config = parseConfig({
  PORT: "0",
  REMIT_DATA: dataDir,
  REMIT_LOG_LEVEL: "warn",
  REMIT_RATE_PER_SECOND: "1000000",
  REMIT_RATE_BURST: "1000000",
  REMIT_ACCESS_TOKEN_TTL_SECONDS: "3600",
  REMIT_TRACING: process.env.REMIT_TRACING,
});
const server = await createServer({ name: "bench", version: "1.0.0", scopes, tools: [echo, count, report], config });
const workspaceId = randomUUID();
await server.operator.seed((db, now) => db.insertInto("workspace").values({ id: workspaceId, name: "Bench", created_at: now }).execute());
const agent = await server.operator.createAgent({ name: "Bench agent", scopes: ["echo:read"], workspaceId });
if ("problems" in agent) throw new Error(agent.problems.join("\n"));
await server.listen();
process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url).port), agent })}\n`);
