/**
 * `npm run bench:streams`: a thousand idle `subscriptions/listen` streams and calls beside them; then readers that stop reading while a tool
 * keeps streaming to them. The server on one CPU, its clients on the other. Exits 1 when a target is missed.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import * as z from "zod";
import { canPin, startNode } from "./child.ts";
import { makeDataDir, NODE_FLAGS } from "./product.ts";
import type { StreamsJob, StreamsResult } from "./streams/load.ts";
import { fetchToken } from "./token.ts";
import type { Target } from "./tool-call.ts";

const STREAMS_PER_AGENT = 8;
/** What must not be exceeded. */
const TARGETS = { p99Ms: 50, grownMb: 10 };

const listening = z.object({
  port: z.number(),
  agents: z.array(z.object({ clientId: z.string(), clientSecret: z.string(), scope: z.string() })),
});

const { values } = parseArgs({
  options: {
    streams: { type: "string", default: "1000" },
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "20" },
    stalled: { type: "string", default: "20" },
  },
});
const [streams, callsPerSecond, seconds, stalledReaders] = [values.streams, values.rate, values.seconds, values.stalled].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![streams, callsPerSecond, seconds, stalledReaders].every((value) => value > 0)) throw new Error("all options take positive numbers");

const isPinned = os.availableParallelism() > 1 && canPin();
const env = { REMIT_DATA: makeDataDir(), BENCH_AGENTS: String(Math.ceil(streams / STREAMS_PER_AGENT)) };
const program = new URL("servers/remit-streams.mjs", import.meta.url).pathname;
const server = startNode([...NODE_FLAGS, "--expose-gc", program], { cpu: isPinned ? 0 : undefined, env });
const { port, agents } = listening.parse(await server.firstJson);
const issuer = `http://127.0.0.1:${port}`;
const targets: Target[] = [];
for (const agent of agents)
  targets.push({ port, revision: "2026-07-28", token: await fetchToken({ issuer, resource: `${issuer}/mcp`, ...agent }) });
const job: StreamsJob = { targets, streams, callsPerSecond, seconds, stalledReaders, serverPid: server.pid };
const load = startNode([new URL("streams/load.ts", import.meta.url).pathname], {
  cpu: isPinned ? 1 : undefined,
  input: JSON.stringify(job),
});
const { idle, stalled } = (await load.firstJson) as unknown as StreamsResult;
await load.end();
await server.end("SIGKILL");
process.exitCode = print() ? 0 : 1;

/** True when every target is met. */
function print(): boolean {
  const { alone, beside } = idle;
  console.log(`${streams} idle streams of ${agents.length} agents, ${callsPerSecond} calls/s beside them for ${seconds} s
  calls without streams   p50 ${ms(alone.p50Ms)}  p99 ${ms(alone.p99Ms)}  CPU ${share(idle.busyAlone)}
  calls beside them       p50 ${ms(beside.p50Ms)}  p99 ${ms(beside.p99Ms)}  CPU ${share(idle.busy)}  failed ${beside.failures} of ${beside.calls}
  streams still open      ${idle.stillOpen}
  resident memory         ${mb(idle.rssBeforeMb)} before, ${mb(idle.rssAfterMb)} with the streams (${(idle.keptBytesPerStream / 1024).toFixed(1)} KiB of heap each), ${mb(idle.rssUnderLoadMb)} after the calls

${stalledReaders} readers that stand still, half before a tool that waits for them
  dropped                 ${stalled.dropped}, the last after ${(stalled.droppedAfterMs / 1000).toFixed(1)} s
  resident memory         grew by ${mb(stalled.grownMb)} at most, ${mb(stalled.grownWithGarbageMb)} with garbage
  kept by the system      ${mb(stalled.readLateBytes / 1e6)}
  calls beside them       p50 ${ms(stalled.beside.p50Ms)}  p99 ${ms(stalled.beside.p99Ms)}  failed ${stalled.beside.failures} of ${stalled.beside.calls}
`);
  const missed = [
    ...(beside.p99Ms > TARGETS.p99Ms ? [`p99 of the calls above ${TARGETS.p99Ms} ms`] : []),
    ...(idle.stillOpen < streams ? ["streams were closed"] : []),
    ...(beside.failures + stalled.beside.failures > 0 ? ["calls failed"] : []),
    ...(stalled.dropped < stalledReaders ? ["readers that stand still were kept"] : []),
    ...(stalled.grownMb > TARGETS.grownMb ? [`readers that stand still cost more than ${TARGETS.grownMb} MB`] : []),
  ];
  console.log(missed.length === 0 ? "All targets are met." : `Missed: ${missed.join("; ")}.`);
  console.log(
    `streams=${idle.stillOpen} p99_ms=${beside.p99Ms.toFixed(1)} alone_p99_ms=${alone.p99Ms.toFixed(1)} rss_mb=${idle.rssAfterMb.toFixed(0)} stalled_dropped=${stalled.dropped} stalled_mb=${stalled.grownMb.toFixed(1)}`,
  );
  return missed.length === 0;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}

function share(value: number): string {
  return `${(value * 100).toFixed(0)}%`;
}
