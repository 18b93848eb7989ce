import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import type { Audit, AuditRecord } from "../audit/index.ts";
import { escapeUnsafe } from "../lib/escape-unsafe.ts";

const POLL_MS = 250;
const PAGE = 1000;

export interface Following {
  /** The number of the last record that is not wanted. */
  readonly after: number;
  /** Whether to go on as records come. */
  readonly isFollowing: boolean;
  readonly isJson?: boolean;
  readonly signal?: AbortSignal;
}

/** Prints records from a number on, a line each. Nothing in them steers the terminal, for parts of them come from outside. */
export async function printRecords(audit: Audit, { after: from, isFollowing, isJson = false, signal }: Following): Promise<void> {
  let after = from;
  for (;;) {
    const page = await audit.read(after, PAGE);
    for (const record of page) {
      console.log(escapeUnsafe(isJson ? JSON.stringify(record) : describeRecord(record)));
      after = record.seq;
    }
    if (page.length === PAGE) continue;
    if (!isFollowing || signal?.aborted === true) return;
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

const text = z.string().optional();
const known = z.object({
  at: z.number(),
  kind: z.string(),
  agent: text,
  subject: text,
  method: text,
  tool: text,
  prompt: text,
  resource: text,
  outcome: text,
  reason: text,
  event: text,
  from: text,
  count: z.number().optional(),
  missing: z.array(z.string()).optional(),
});

/** One record as a line for a person: when, who, what, how it was decided and how it ended. */
export function describeRecord(record: AuditRecord): string {
  if (typeof record["pruned"] === "string") return `${record.seq}  ${String(record["kind"])} (its text was removed: retention)`;
  const { at, subject, agent, tool, prompt, resource, method, outcome, reason, missing, event, kind, count, from } = known.parse(record);
  const head = `${record.seq}  ${new Date(at).toISOString()}`;
  // What people do with agents names both; what they do alone has no agent.
  if (kind === "event") return `${head}  ${event}  ${[agent, subject].filter((who) => who !== undefined).join("  ") || "-"}`;
  if (kind === "refusal") return `${head}  refused ${count}× ${reason} from ${from}`;
  const what = [method, tool ?? prompt ?? resource].filter((part) => part !== undefined).join(" ");
  const why = [reason, missing && `missing ${missing.join(" ")}`].filter((part) => part !== undefined).join(", ");
  return `${head}  ${agent ?? "-"}  ${what}  ${outcome ?? kind}${why === "" ? "" : ` (${why})`}`;
}
