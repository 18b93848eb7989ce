/**
 * `node bench/usage/run.ts [CALLS] [DATABASE_URL]`: counts so many calls (10 million unless said) of 40 agents for 60 people over 30 days into the
 * roll-ups of a new SQLite file, or of an empty PostgreSQL database, and asks for what a console shows. Prints the median and the worst of
 * each question; exits 1 when a median is 100 ms or more.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { additionsOf, createCells } from "../../src/audit/usage/cells.ts";
import { keptFrom } from "../../src/audit/usage/counter.ts";
import { queryUsage } from "../../src/audit/usage/usage-query.ts";
import { openStore, type UsageStore } from "../../src/store/index.ts";
import type { UsageQuery } from "../../src/tool/index.ts";
import { median } from "../median.ts";
import { createCalls } from "./calls.ts";

const TARGET_MS = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = 30 * 24;
const ROUNDS = 15;
const NOW = Date.UTC(2026, 7, 31, 10, 37, 12);
const WORKSPACE = "wks_bench";

const [calls = "10000000", databaseUrl] = process.argv.slice(2);
const count = Number(calls);

const bodyOf = createCalls(WORKSPACE);

async function fill(usage: UsageStore): Promise<void> {
  const start = NOW - (NOW % HOUR_MS) - (HOURS - 1) * HOUR_MS;
  let seq = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    const cells = createCells(({ client, protocol }) => [client, protocol]);
    const fromSeq = seq;
    const until = Math.round((count * (hour + 1)) / HOURS);
    const startAt = start + hour * HOUR_MS;
    const spanMs = Math.min(HOUR_MS, NOW - startAt);
    for (; seq < until; seq++) {
      const at = startAt + Math.floor(((seq - fromSeq) / (until - fromSeq)) * spanMs);
      cells.count({ body: bodyOf(seq + 1, at) });
    }
    await usage.add(await additionsOf(cells.list(), keptFrom(NOW)), { chain: "main", fromSeq, through_seq: seq, first_at: start });
  }
}

const since = (days: number) => NOW - days * DAY_MS;
const QUESTIONS: readonly (readonly [title: string, query: UsageQuery])[] = [
  ["top tools, 24 hours", {}],
  ["top tools, 30 days", { since: since(30) }],
  ["failing tools, 30 days", { since: since(30), sort: "failed" }],
  ["slow tools, 30 days", { since: since(30), sort: "slow" }],
  ["agents, 30 days", { by: "agent", since: since(30) }],
  ["people, 30 days", { by: "user", since: since(30) }],
  ["clients, 30 days", { by: "client", since: since(30) }],
  ["reasons, 30 days", { by: "reason", since: since(30) }],
  ["tools of one agent, 30 days", { agent: "cl_3", since: since(30) }],
  ["tools of one person, 30 days", { user: "acc_3", since: since(30) }],
  ["tools in one environment, 30 days", { environment: "env_1", since: since(30) }],
  ["agents of one tool, 24 hours", { by: "agent", tool: "tool_5" }],
  ["agents of one tool, 30 days", { by: "agent", tool: "tool_5", since: since(30) }],
  ["people of one tool, 30 days", { by: "user", tool: "tool_5", since: since(30) }],
  ["tool × hour of one agent, 7 days", { every: "hour", agent: "cl_3", since: since(7), limit: 60 }],
  ["tool × hour, 24 hours", { every: "hour", limit: 60 }],
  ["tool × hour, 7 days", { every: "hour", since: since(7), limit: 60 }],
  ["tool × day, 30 days", { every: "day", since: since(30), limit: 60 }],
  ["tool × minute, 1 hour", { every: "minute", since: NOW - HOUR_MS, limit: 60 }],
];

const dataDir = await mkdtemp(join(tmpdir(), "remit-bench-usage-"));
const store = await openStore({ dataDir, databaseUrl });
try {
  await store.migrate([]);
  const startedAt = performance.now();
  await fill(store.usage);
  const us = ((performance.now() - startedAt) * 1000) / count;
  console.log(`${count} calls counted and stored in ${us.toFixed(1)} µs each, making them included`);
  for (const [title, query] of QUESTIONS) {
    const times: number[] = [];
    let total = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const askedAt = performance.now();
      const found = await queryUsage({ store: store.usage, now: () => NOW }, { workspaceId: WORKSPACE }, query);
      times.push(performance.now() - askedAt);
      total = "problems" in found ? Number.NaN : found.total.calls;
    }
    const middle = median(times);
    console.log(`${title.padEnd(36)} ${middle.toFixed(1).padStart(7)} ms, worst ${Math.max(...times).toFixed(1)}, of ${total} calls`);
    if (!(middle < TARGET_MS)) process.exitCode = 1;
  }
} finally {
  await store.close();
  await rm(dataDir, { recursive: true });
}
