import { setTimeout as sleep } from "node:timers/promises";
import { cpuUs, rssMb } from "../proc.ts";
import { requestBytes, type Target } from "../tool-call.ts";
import { readMemory } from "./memory.ts";
import { openStream } from "./open-stream.ts";
import { callSteadily, type SteadyCalls } from "./steady-calls.ts";

const STREAMS_PER_AGENT = 8;

export interface IdlePlan {
  readonly streams: number;
  readonly callsPerSecond: number;
  readonly seconds: number;
  readonly serverPid: number;
}

export interface IdleResult {
  /** The same calls while no stream was open. */
  readonly alone: SteadyCalls;
  readonly beside: SteadyCalls;
  readonly stillOpen: number;
  /** Of the server, after a full collection. */
  readonly rssBeforeMb: number;
  readonly rssAfterMb: number;
  readonly keptBytesPerStream: number;
  /** At the end of the calls, with what garbage there was. */
  readonly rssUnderLoadMb: number;
  /** CPUs that the server used on average, beside the streams and without them. */
  readonly busy: number;
  readonly busyAlone: number;
}

/** Holds many idle `subscriptions/listen` streams open, a few for each agent, and calls beside them. */
export async function measureIdle(targets: readonly Target[], plan: IdlePlan): Promise<IdleResult> {
  const [first] = targets;
  if (first === undefined) throw new Error("no agent");
  const { serverPid, callsPerSecond, seconds } = plan;
  // What is made on first use is no part of what streams cost.
  await callSteadily(targets, callsPerSecond, sleep(3000));
  const aloneCpuUs = cpuUs(serverPid);
  const alone = await callSteadily(targets, callsPerSecond, sleep((seconds / 2) * 1000));
  const busyAlone = (cpuUs(serverPid) - aloneCpuUs) / ((seconds / 2) * 1e6);
  const before = await readMemory(first);
  const streams = Array.from({ length: plan.streams }, (_, index) => {
    const target = targets[Math.floor(index / STREAMS_PER_AGENT)];
    if (target === undefined) throw new Error(`${plan.streams} streams need more agents`);
    const listen = { id: index, method: "subscriptions/listen", params: { notifications: { toolsListChanged: true } } };
    return openStream(target.port, requestBytes(target, listen));
  });
  await Promise.all(streams.map((stream) => stream.begun));
  const after = await readMemory(first);
  const startCpuUs = cpuUs(serverPid);
  const beside = await callSteadily(targets, callsPerSecond, sleep(seconds * 1000));
  const result = {
    alone,
    beside,
    stillOpen: streams.filter((stream) => stream.isOpen()).length,
    rssBeforeMb: before.rss / 1e6,
    rssAfterMb: after.rss / 1e6,
    keptBytesPerStream: (after.heapUsed + after.external - before.heapUsed - before.external) / plan.streams,
    rssUnderLoadMb: rssMb(serverPid),
    busy: (cpuUs(serverPid) - startCpuUs) / (seconds * 1e6),
    busyAlone,
  };
  for (const stream of streams) stream.close();
  return result;
}
