/**
 * The load of tool calls. Run as a process of its own; reads a `LoadJob` from stdin and prints a `LoadResult`.
 */
import { text as readAll } from "node:stream/consumers";
import { runLanes, type Lane, type LaneJob } from "./generator/lanes.ts";
import { callBytes, resultOf, type Target } from "./tool-call.ts";

export interface LoadJob extends Omit<LaneJob, "port"> {
  readonly target: Target;
  /** Length of the text to echo. */
  readonly textChars: number;
}

/** The text of each connection is its own, so an answer that belongs to another call is noticed. */
function createLane({ target, textChars }: LoadJob, index: number): Lane {
  const text = `echo of connection ${String(index).padStart(4, "0")}`.padEnd(textChars, ".");
  const request = callBytes(target, { id: index + 1, name: "echo", arguments: { text } });
  let isFirst = true;
  return {
    next: () => request,
    // The first answer is parsed and looked at closely; the others must be 200 and carry the text of their own request.
    check({ status, body }) {
      if (status !== 200 || !body.includes(text)) throw new Error(`unexpected answer: ${status} ${body.slice(0, 500)}`);
      if (isFirst && resultOf(body)?.content?.[0]?.text !== text) throw new Error(`not the echo: ${body.slice(0, 500)}`);
      isFirst = false;
    },
  };
}

const job = JSON.parse(await readAll(process.stdin)) as LoadJob;
console.log(JSON.stringify(await runLanes({ ...job, port: job.target.port }, (index) => createLane(job, index))));
process.exit(0);
