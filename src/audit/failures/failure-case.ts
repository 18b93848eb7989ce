import * as z from "zod";
import type { FailureRow } from "../../store/index.ts";

/** A call that went wrong, as a file that can be tried again against the tools of today. */
export const failureCase = z.object({
  remit_case: z.literal(1),
  id: z.string(),
  cause: z.string(),
  method: z.string(),
  /** The tool, prompt or resource. */
  target: z.string(),
  /** As on record: without secrets, long texts cut. Absent when it was too much to keep. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** Scopes of the caller. */
  held: z.array(z.string()),
  /** Place of the trouble in the arguments, and the name, type or scope that it is about; as in the cluster. */
  path: z.string(),
  detail: z.string(),
  expected: z.string(),
  suggestion: z.string(),
});

export type FailureCase = z.infer<typeof failureCase>;

const example = failureCase.pick({ method: true, arguments: true, held: true }).partial();

export function caseOf({ id, cause, target, path, detail, expected, suggestion, example: json }: FailureRow): FailureCase {
  const { method = "tools/call", held = [], arguments: args } = example.parse(JSON.parse(json));
  const said = args === undefined ? {} : { arguments: args };
  return { remit_case: 1, id, cause, method, target, ...said, held, path, detail, expected, suggestion };
}
