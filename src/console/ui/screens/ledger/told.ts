import type { LedgerRecord } from "../../../contract-evidence.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export interface Told {
  readonly at: number;
  readonly kind: string;
  readonly agent: string;
  readonly subject: string;
  readonly what: string;
  readonly outcome: string;
  readonly reason: string;
  readonly durationMs: number | null;
}

/** What a record says in the columns of the list. */
export function told(record: LedgerRecord): Told {
  const named = ["tool", "prompt", "resource", "skill", "named", "event", "method"]
    .map((name) => text(record[name]))
    .find((name) => name !== "");
  const duration = record["duration_ms"];
  return {
    at: Number(record["at"]),
    kind: text(record["kind"]),
    agent: text(record["agent"]),
    subject: text(record["subject"]),
    what: named ?? "",
    outcome: text(record["outcome"]),
    reason: text(record["reason"]),
    durationMs: typeof duration === "number" ? duration : null,
  };
}
