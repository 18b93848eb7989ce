import { unseal } from "../../lib/secret.ts";
import type { ChangeEntryRow } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import type { Ended } from "../call.ts";
import { errorAnswer } from "../run.ts";
import type { ChangeDeps } from "./change-deps.ts";
import type { Keys } from "./keys.ts";

interface Repeated {
  /** What would be begun. */
  readonly row: ChangeEntryRow;
  /** What has its key. */
  readonly before: ChangeEntryRow;
  readonly target: RegisteredTool;
}

/** What a call with a known key is answered; undefined when it may take the key over. */
export function repeat(deps: ChangeDeps, keys: Keys, { row, before, target }: Repeated): Ended | undefined {
  if (before.replay_until <= row.created_at) return undefined;
  if (before.arguments_digest !== row.arguments_digest) {
    const text = "This idempotency key was used for a call with other arguments. Use a new key for a new change; nothing was done.";
    return { outcome: "tool_error", answer: errorAnswer(text), noted: { repeats: before.decision } };
  }
  if (before.sealed_answer !== null) {
    const json = unseal(deps.changeKey, before.sealed_answer, answerContext(before.id));
    return { outcome: "ok", answer: { type: "complete", json }, noted: { repeats: before.decision } };
  }
  if (before.state === "running" && !keys.isAbandoned(before)) return keys.underWay();
  // Doing this twice changes nothing more.
  if (target.tool.idempotent === true) return undefined;
  const text =
    "An earlier call like this one was cut off, and how far it came is not known. Look whether it was done before you call again with a new key, or without one in a minute.";
  return { outcome: "tool_error", answer: errorAnswer(text), noted: { repeats: before.decision } };
}

export function answerContext(id: string): string {
  return `change answer ${id}`;
}

export function summaryContext(id: string): string {
  return `change summary ${id}`;
}

export function undoContext(id: string): string {
  return `change undo ${id}`;
}
