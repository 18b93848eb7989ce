import type { FoundRecord } from "../../audit/index.ts";
import type { LiveDecision } from "../contract.ts";

const DECISIONS: Readonly<Record<string, LiveDecision["decision"]>> = {
  ok: "allow",
  input_required: "allow",
  cancelled: "allow",
  held: "pending",
  refused: "deny",
};

/** A record as a decision about something; undefined for what is none: an intent, an event, or a list that every caller may ask for. */
export function decisionOf(record: FoundRecord, names: ReadonlyMap<string, string>): LiveDecision | undefined {
  const { seq, kind, at, agent, method, outcome, reason, duration_ms: ms } = record;
  if (kind !== "call" && kind !== "outcome") return undefined;
  const { tool, prompt, resource, skill, named } = record;
  const target = [tool, prompt, resource, skill, named].find((each) => typeof each === "string");
  if (target === undefined && outcome !== "refused") return undefined;
  const id = text(agent);
  return {
    seq,
    at: Number(at),
    agent: names.get(id) ?? id,
    tool: text(target ?? method),
    decision: DECISIONS[text(outcome)] ?? "error",
    reason: typeof reason === "string" ? reason : outcome === "ok" ? null : text(outcome),
    ms: typeof ms === "number" ? ms : null,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
