import type { DecisionExplanation } from "../../../../tool/index.ts";

/** A record as it was written, with its place in the chain. */
export type LedgerRecord = Readonly<Record<string, unknown>> & { readonly seq: number };

export interface LedgerPage {
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
  /** `before` of the next page; null on the last. */
  readonly next: number | null;
}

export interface LedgerDetail {
  readonly record: LedgerRecord;
  /** Why it was decided so; null for records of something else than calls. */
  readonly trace: DecisionExplanation | null;
  readonly proof: {
    readonly hash: string;
    readonly previous: string;
    /** The signed size that the record is included in; null while none is signed. */
    readonly size: number | null;
    readonly root: string | null;
    readonly path: readonly string[];
  };
}

/** A line of a verification: how far it came, and how it ended. */
export type VerifyLine =
  | { readonly checked: number; readonly of: number }
  | { readonly ok: boolean; readonly records: number; readonly problems: readonly string[] };

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
