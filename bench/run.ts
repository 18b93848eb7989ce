/**
 * `npm run bench`: the same small tool call against the limit of `node:http`, two peers without authentication, and Remit with
 * everything on; then a streamed call and a result of 1 MB beside the official SDK. All servers on one CPU, the load on the other;
 * interleaved rounds, medians.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import { runRounds, VARIANTS, WORKLOADS, type Plan } from "./calls/rounds.ts";
import { printTables, summary } from "./calls/tables.ts";
import type { Workload } from "./calls/workload.ts";
import { canPin } from "./child.ts";
import { measureFsyncMs } from "./measure-disk.ts";
import { measureStartsMs } from "./measure-start.ts";
import { median } from "./median.ts";
import { makeDataDir } from "./product.ts";

const WARM_SECONDS = 2;
const STARTS = 5;

const plan = parsePlan();
console.log(
  `Node ${process.version}, ${os.cpus()[0]?.model.trim()} × ${os.availableParallelism()}, ${plan.rounds} rounds of ${plan.seconds} s after ${WARM_SECONDS} s to warm up; connections: ${plan.workloads.map((workload) => `${workload} ${WORKLOADS[workload].connections}`).join(", ")}`,
);
console.log(
  plan.cpus.server === undefined
    ? "No taskset or one CPU only: servers and load share what there is, so ratios are rough."
    : "Servers with all their threads on CPU 0, load on CPU 1",
);
console.log(`fsync p50 of the data folder's disk: ${measureFsyncMs(plan.dataDir).toFixed(3)} ms (4 KiB append, fdatasync)`);
const results = await runRounds(plan);
printTables(results);
const hasStarts = plan.only.includes("remit") && plan.workloads.includes("echo");
const starts = hasStarts ? await measureStartsMs({ dataDir: `${plan.dataDir}/start`, cpu: plan.cpus.server }, STARTS) : [];
if (hasStarts)
  console.log(`\nRemit, spawn to first authenticated answer on a second start, ms: ${starts.map((ms) => ms.toFixed(0)).join(" ")}`);
console.log(`\n${summary(results, median(starts))}`);

function parsePlan(): Plan {
  const names = Object.keys(WORKLOADS) as Workload[];
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "6" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: VARIANTS.join(",") },
      calls: { type: "string", default: names.join(",") },
    },
  });
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (!(seconds > 0) || !Number.isInteger(rounds) || rounds < 1) throw new Error("--seconds and --rounds take positive numbers");
  const isPinned = os.availableParallelism() > 1 && canPin();
  return {
    seconds,
    warmSeconds: WARM_SECONDS,
    rounds,
    only: chosen("--only", values.only, VARIANTS),
    workloads: chosen("--calls", values.calls, names),
    cpus: isPinned ? { server: 0, load: 1 } : { server: undefined, load: undefined },
    dataDir: makeDataDir(),
  };
}

function chosen<N extends string>(option: string, list: string, names: readonly N[]): N[] {
  return list.split(",").map((name) => {
    const known = names.find((one) => one === name);
    if (known === undefined) throw new Error(`${option} takes ${names.join(", ")}, separated by commas`);
    return known;
  });
}
