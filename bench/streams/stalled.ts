import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { heldConnections, rssMb } from "../proc.ts";
import { callBytes, type Target } from "../tool-call.ts";
import { readMemory } from "./memory.ts";
import { openStream } from "./open-stream.ts";
import { callSteadily, type SteadyCalls } from "./steady-calls.ts";

export interface StalledPlan {
  readonly readers: number;
  readonly callsPerSecond: number;
  readonly serverPid: number;
}

export interface StalledResult {
  /** Others, while the readers stood still. */
  readonly beside: SteadyCalls;
  /** Most that the server held more than before, after full collections. */
  readonly grownMb: number;
  /** Most that its resident memory grew, with what garbage there was. */
  readonly grownWithGarbageMb: number;
  /** Of the readers, until the last was dropped. */
  readonly droppedAfterMs: number;
  readonly dropped: number;
  /** Bytes that the readers found, once they read on: kept by the system, not by the server. */
  readonly readLateBytes: number;
}

const DROP_WAIT_MS = 90_000;
const LOOK_MS = 250;
const BEFORE_MS = 5_000;

/** Half of the readers stand still before a tool that waits for them, half before one that does not. */
export async function measureStalled(
  targets: readonly Target[],
  { readers, callsPerSecond, serverPid }: StalledPlan,
): Promise<StalledResult> {
  const [looker] = targets;
  if (looker === undefined) throw new Error("no agent");
  await callSteadily(targets, callsPerSecond, sleep(BEFORE_MS));
  const before = await readMemory(looker);
  await sleep(LOOK_MS);
  const rssBeforeMb = rssMb(serverPid);
  const streams = Array.from({ length: readers }, (_, index) => {
    const target = targets[index % targets.length] ?? looker;
    const call = { id: index, name: index % 2 === 0 ? "flood" : "hurry", arguments: {}, progressToken: `stalled ${index}` };
    return openStream(target.port, callBytes(target, call), false);
  });
  await Promise.all(streams.map((stream) => stream.begun));
  const startedAt = performance.now();
  let mostBytes = 0;
  let mostRssMb = 0;
  let droppedAfterMs = Number.NaN;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const calls = callSteadily(targets, callsPerSecond, over);
  for (let look = 1; performance.now() - startedAt < DROP_WAIT_MS; look++) {
    await sleep(LOOK_MS);
    mostRssMb = Math.max(mostRssMb, rssMb(serverPid));
    if (look % 8 === 1) mostBytes = Math.max(mostBytes, (await readMemory(looker)).rss);
    if (heldConnections(looker.port, new Set(streams.map((stream) => stream.localPort()))) === 0) {
      droppedAfterMs = performance.now() - startedAt;
      break;
    }
  }
  end();
  const beside = await calls;
  for (const stream of streams) stream.resume();
  await sleep(2000);
  const dropped = streams.filter((stream) => !stream.isOpen() && !stream.text().includes('"resultType"')).length;
  const readLateBytes = streams.reduce((sum, stream) => sum + stream.text().length, 0);
  for (const stream of streams) stream.close();
  return {
    beside,
    grownMb: (mostBytes - before.rss) / 1e6,
    grownWithGarbageMb: mostRssMb - rssBeforeMb,
    droppedAfterMs,
    dropped,
    readLateBytes,
  };
}
