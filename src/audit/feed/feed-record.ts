import type { LedgerRow } from "../../store/index.ts";

/** A record for a system that collects those of many programs. */
export interface FeedRecord {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What happened, such as `call.refused` or `token.issued`. */
  readonly name: string;
  /** Whether somebody was refused, or something failed. */
  readonly isWarning: boolean;
  readonly trace: string | undefined;
  /** The record as one line of JSON, with its place in the chain. */
  readonly line: string;
}

const WARNINGS = new Set(["refused", "fault", "unknown", "timeout"]);
const WARNING_EVENT = /refused|forbidden|reused|replayed|^kill\./;

export function feedRecordOf({ seq, hash, body }: LedgerRow): FeedRecord {
  const record = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const [kind, event, outcome, trace] = ["kind", "event", "outcome", "trace"].map((name) => textOf(record[name]));
  const name = event ?? (outcome === undefined ? kind : `${kind}.${outcome}`) ?? "record";
  return {
    seq,
    at: Number(record["at"] ?? 0),
    name,
    isWarning: kind === "refusal" || WARNINGS.has(outcome ?? "") || WARNING_EVENT.test(event ?? ""),
    trace,
    line: `{"seq":${seq},"hash":"${Buffer.from(hash).toString("hex")}",${body.slice(1)}`,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
