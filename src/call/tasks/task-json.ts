import { WIRE, type Refusal } from "../../errors.ts";
import type { TaskRow } from "../../store/index.ts";
import { openQuestions, pendingOf, sealFor } from "./task-state.ts";

/** How often a client is asked to look. */
const POLL_INTERVAL_MS = 1000;

/** A task as every answer about it begins (`Task` of the extension). */
export function taskMembers(row: TaskRow): Record<string, unknown> {
  return {
    taskId: row.id,
    status: row.status,
    ...(row.status_message === null ? {} : { statusMessage: row.status_message }),
    createdAt: new Date(row.created_at).toISOString(),
    lastUpdatedAt: new Date(row.updated_at).toISOString(),
    ttlMs: row.expires_at - row.created_at,
    pollIntervalMs: POLL_INTERVAL_MS,
  };
}

/** A task with what its status brings along (`DetailedTask`): the same for who asks and for who listens. */
export function detailedTask(key: Uint8Array, row: TaskRow): Record<string, unknown> {
  return { ...taskMembers(row), ...detailOf(key, row) };
}

function detailOf(key: Uint8Array, row: TaskRow): Record<string, unknown> {
  if (row.sealed_state === null) return {};
  if (row.status === "input_required") return { inputRequests: pendingOf(openQuestions(key, row)) };
  const state = sealFor(key, row.id, "state").open(row.sealed_state);
  return row.status === "failed" ? { error: state } : { result: state };
}

/** A refusal as the JSON-RPC error that a failed task holds. */
export function taskError({ refused, message, data }: Refusal): Record<string, unknown> {
  const { rpc, text } = WIRE[refused];
  return { code: rpc, message: message ?? text, ...(data === undefined ? {} : { data }) };
}
