import type { LedgerRecord } from "../../../contract-evidence.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export interface Told {
  readonly at: number;
  readonly kind: string;
  readonly agent: string;
  /** The person who did it, at the console. */
  readonly by: string;
  readonly what: string;
  readonly outcome: string;
  readonly reason: string;
  readonly durationMs: number | null;
}

/** What a record says in the columns of the list. */
export function told(record: LedgerRecord): Told {
  const target = ["act", "tool", "prompt", "resource", "skill", "named", "method"]
    .map((name) => text(record[name]))
    .find((name) => name !== "");
  const duration = record["duration_ms"];
  return {
    at: Number(record["at"]),
    kind: text(record["kind"]),
    agent: text(record["agent"]),
    by: text(record["by"]),
    what: [text(record["event"]), target ?? ""].filter((word) => word !== "").join(" "),
    outcome: text(record["outcome"]),
    reason: text(record["reason"]),
    durationMs: typeof duration === "number" ? duration : null,
  };
}
