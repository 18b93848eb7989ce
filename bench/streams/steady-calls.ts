import http from "node:http";
import { performance } from "node:perf_hooks";
import { createHistogram } from "../generator/histogram.ts";
import { postCall } from "../post-call.ts";
import { resultOf, type Target } from "../tool-call.ts";

export interface SteadyCalls {
  readonly calls: number;
  /** Answers that were no result, or not this call's. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Calls `echo` so many times a second until `until` settles. A call is timed from the moment at which it was due, so that a server that is
 * late cannot hide it by making the next calls late too.
 */
export async function callSteadily(targets: readonly Target[], callsPerSecond: number, until: Promise<unknown>): Promise<SteadyCalls> {
  const histogram = createHistogram();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  let calls = 0;
  let failures = 0;

  async function call(id: number, dueAt: number): Promise<void> {
    const text = `steady ${id}`;
    const target = targets[id % targets.length];
    const answer =
      target === undefined ? undefined : await postCall(target, { id, name: "echo", arguments: { text } }, agent).catch(() => undefined);
    histogram.add(performance.now() - dueAt);
    if (answer?.status !== 200 || resultOf(answer.body)?.content?.[0]?.text !== text) failures++;
  }

  const timer = setInterval(() => {
    for (; startedAt + (calls * 1000) / callsPerSecond <= performance.now(); calls++) {
      const called = call(calls, startedAt + (calls * 1000) / callsPerSecond).finally(() => open.delete(called));
      open.add(called);
    }
  }, 1);
  await until;
  clearInterval(timer);
  await Promise.all(open);
  agent.destroy();
  return { calls, failures, p50Ms: histogram.percentile(0.5), p99Ms: histogram.percentile(0.99) };
}
