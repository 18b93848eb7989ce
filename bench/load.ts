/**
 * The load of tool calls. Run as a process of its own; reads a `LoadJob` from stdin and prints a `LoadResult`.
 */
import { text as readAll } from "node:stream/consumers";
import { createLane, type Workload } from "./calls/workload.ts";
import { runLanes, type LaneJob } from "./generator/lanes.ts";
import type { Target } from "./tool-call.ts";

export interface LoadJob extends Omit<LaneJob, "port"> {
  readonly target: Target;
  readonly workload: Workload;
  /** Length of the text to echo. */
  readonly textChars: number;
}

const job = JSON.parse(await readAll(process.stdin)) as LoadJob;
const { target, workload, textChars } = job;
const result = await runLanes({ ...job, port: target.port }, (index) => createLane(workload, target, { index, textChars }));
console.log(JSON.stringify(result));
process.exit(0);
