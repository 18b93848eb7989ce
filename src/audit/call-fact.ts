import type { LedgerRow } from "../store/index.ts";

/** One thing that did not fit in the arguments of a call. */
export interface Problem {
  /** JSON Pointer into the arguments (RFC 6901); "" for the arguments themselves. */
  readonly path: string;
  readonly code: string;
  readonly expected?: string;
  /** The type that came, never the value. */
  readonly received?: string;
  /** What the caller is likely to have meant. */
  readonly suggestion?: string;
}

/** How a call ends that was let through and did not do what it should. */
export const FAILED_OUTCOMES: readonly string[] = ["tool_error", "invalid_arguments", "fault", "timeout", "unknown"];

const KINDS = ["tool", "prompt", "resource", "skill"] as const;

/** What a record of a finished call says, in the form that those who follow the ledger need. */
export interface CallFact {
  /** Epoch milliseconds of the decision. */
  readonly at: number;
  readonly decision: string;
  readonly allowed: boolean;
  readonly rule: string;
  readonly method: string;
  readonly kind: (typeof KINDS)[number] | "none";
  /** The name as declared; "" for methods about nothing, and for names that nothing has. */
  readonly target: string;
  /** The name as it came, when nothing of that name exists. */
  readonly named: string | undefined;
  readonly effect: string | undefined;
  readonly workspace: string;
  /** The environment of the address, else that of the arguments; "" for none. */
  readonly environment: string;
  readonly agent: string;
  readonly subject: string;
  readonly grant: string;
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly missing: readonly string[];
  readonly durationMs: number;
  readonly resultBytes: number | undefined;
  readonly protocol: string;
  /** "name/version" as the client declares itself; "" when it does not. */
  readonly client: string;
  readonly trace: string | undefined;
  readonly problems: readonly Problem[];
}

/** A record as those who follow the ledger get it: what its writer knew comes along, so that nobody has to find it out again. */
export interface FollowedRow extends LedgerRow {
  /** Its leaf in the tree, 32 bytes. Undefined for records that were read from the store, as is the fact. */
  readonly leaf?: Uint8Array | undefined;
  /** What `factOf` would read out of the body; undefined also when the record is no end of a call. */
  readonly fact?: CallFact | undefined;
}

/** The fact of a `call` or `outcome` record; undefined for other records. The body is one that this server wrote. */
export function factOf({ body, fact }: Pick<FollowedRow, "body" | "fact">): CallFact | undefined {
  if (fact !== undefined) return fact;
  // Others are told apart before the whole is parsed.
  if (!/^\{"v":1,"kind":"(?:call|outcome)"/.test(body)) return undefined;
  const record = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const kind = KINDS.find((member) => typeof record[member] === "string");
  return {
    at: Number(record["at"]),
    decision: text(record["decision"]),
    allowed: record["allowed"] === true,
    rule: text(record["rule"]),
    method: text(record["method"]),
    kind: kind ?? "none",
    target: kind === undefined ? "" : text(record[kind]),
    named: optional(record["named"]),
    effect: optional(record["effect"]),
    workspace: text(record["workspace"]),
    environment: environmentOf(record),
    agent: text(record["agent"]),
    subject: text(record["subject"]),
    grant: text(record["grant"]),
    outcome: text(record["outcome"]),
    reason: optional(record["reason"]),
    missing: Array.isArray(record["missing"]) ? (record["missing"] as string[]) : [],
    durationMs: typeof record["duration_ms"] === "number" ? record["duration_ms"] : 0,
    resultBytes: typeof record["result_bytes"] === "number" ? record["result_bytes"] : undefined,
    protocol: text(record["protocol"]),
    client: text(record["client"]),
    trace: optional(record["trace"]),
    problems: Array.isArray(record["problems"]) ? (record["problems"] as Problem[]) : [],
  };
}

function environmentOf({ narrowed, arguments: args }: Readonly<Record<string, unknown>>): string {
  return text(memberOf(narrowed, "environment")) || text(memberOf(args, "environment_id"));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function optional(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
