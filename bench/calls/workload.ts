import type { HttpResponse } from "../generator/http-response.ts";
import type { Lane } from "../generator/lanes.ts";
import { STEPS } from "../servers/answers.mjs";
import { callBytes, resultOf, type Target } from "../tool-call.ts";

/** What is called: a small echo, a call with progress that is answered as a stream, a structured result of 1 MB. */
export type Workload = "echo" | "count" | "report";

const PROGRESS = '"method":"notifications/progress"';
const REPORT_BYTES = 1_000_000;

/** The text of each connection is its own, so an answer that belongs to another call is noticed. */
export function createLane(workload: Workload, target: Target, { index, textChars }: { index: number; textChars: number }): Lane {
  const text = `echo of connection ${String(index).padStart(4, "0")}`.padEnd(textChars, ".");
  const progressToken = `progress ${index}`;
  const more = workload === "count" ? { progressToken } : {};
  const request = callBytes(target, { id: index + 1, name: workload, arguments: { text }, ...more });
  const looks = { echo: isEcho, count: isCount, report: isReport };
  let isFirst = true;
  return {
    next: () => request,
    // The first answer is parsed and looked at closely; the others must be 200 and carry the text of their own request, in full.
    check(response) {
      const { status, body } = response;
      if (status !== 200 || !body.includes(text) || !looks[workload](response, progressToken))
        throw new Error(`unexpected answer: ${status} ${body.slice(0, 500)}`);
      if (isFirst && textOf(body, workload) !== text) throw new Error(`not the answer to this call: ${body.slice(0, 500)}`);
      isFirst = false;
    },
  };
}

function isEcho(): boolean {
  return true;
}

/** Every event of its own call has arrived. */
function isCount({ body }: HttpResponse, progressToken: string): boolean {
  return (
    occurrences(body, "\ndata:") + (body.startsWith("data:") ? 1 : 0) >= STEPS + 1 &&
    occurrences(body, PROGRESS) === STEPS &&
    occurrences(body, `"progressToken":"${progressToken}"`) === STEPS
  );
}

function isReport({ body }: HttpResponse): boolean {
  return body.length > REPORT_BYTES;
}

function occurrences(body: string, part: string): number {
  let count = 0;
  for (let at = body.indexOf(part); at !== -1; at = body.indexOf(part, at + part.length)) count++;
  return count;
}

/** The text in the result, wherever the tool puts it. */
function textOf(body: string, workload: Workload): unknown {
  const result = resultOf(body);
  if (workload !== "report") return result?.content?.[0]?.text;
  const { text, rows } = (result?.structuredContent ?? {}) as { readonly text?: unknown; readonly rows?: readonly unknown[] };
  return JSON.stringify(rows).length >= REPORT_BYTES ? text : undefined;
}
