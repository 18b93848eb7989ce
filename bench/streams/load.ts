/** The clients of the bench of streams. Run as a process of its own; reads a `StreamsJob` from stdin and prints a `StreamsResult`. */
import { text as readAll } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../tool-call.ts";
import { measureIdle, type IdleResult } from "./idle.ts";
import { measureStalled, type StalledResult } from "./stalled.ts";

export interface StreamsJob {
  readonly targets: readonly Target[];
  readonly streams: number;
  readonly callsPerSecond: number;
  readonly seconds: number;
  readonly stalledReaders: number;
  readonly serverPid: number;
}

export interface StreamsResult {
  readonly idle: IdleResult;
  readonly stalled: StalledResult;
}

const job = JSON.parse(await readAll(process.stdin)) as StreamsJob;
const idle = await measureIdle(job.targets, job);
// The server notices that the streams are gone.
await sleep(1000);
const stalled = await measureStalled(job.targets, { ...job, readers: job.stalledReaders });
console.log(JSON.stringify({ idle, stalled } satisfies StreamsResult));
process.exit(0);
