/** One record: what was written, why it was decided so, and that it is in the chain. */
import type { DecisionExplanation } from "../../../tool/index.ts";
import type { LedgerDetail } from "../../contract-evidence.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";

const NO_RECORD = new ConsoleProblem(404, {
  code: "not_found",
  message: "There is no such record of this workspace.",
  next: "Go back to the list of records.",
});

export async function showRecord(context: ConsoleContext, { params }: ConsoleRequest): Promise<LedgerDetail> {
  const seq = Number(/^\d{1,15}$/.test(params["seq"] ?? "") ? params["seq"] : 0);
  const [read] = seq === 0 ? [] : await context.audit.read(seq - 1, 1);
  // Of another workspace it is not even said that it exists.
  if (read?.seq !== seq || read["workspace"] !== context.by.workspaceId) throw NO_RECORD;
  const { prev_hash: previous, hash, ...record } = read;
  const [trace, signed] = await Promise.all([traceOf(context, record), context.audit.proveSigned(seq)]);
  return { record, trace, proof: { hash, previous, signed: signed ?? null } };
}

/** Null for records that are about no decision. */
async function traceOf({ evidence }: ConsoleContext, record: Readonly<Record<string, unknown>>): Promise<DecisionExplanation | null> {
  const { decision, at } = record;
  if (typeof decision !== "string" || typeof at !== "number") return null;
  const trace = await evidence.explain({ decision, at });
  return "problems" in trace ? null : trace;
}
