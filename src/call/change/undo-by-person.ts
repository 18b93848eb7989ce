/** What people at the console see of changes, and how they take one back: also when the agent that made it was stopped since. */
import { unseal } from "../../lib/secret.ts";
import { specialKind, type ToolError } from "../../tool/index.ts";
import type { CallRequest } from "../call.ts";
import { principalOfPerson, type Person } from "../principal.ts";
import type { ChangeDeps } from "./change-deps.ts";
import { summaryContext } from "./repeat.ts";
import { findUndoable, takeBack } from "./undo.ts";

/** A change that can or could be undone. Instants are epoch milliseconds. */
export interface UndoableChange {
  readonly id: string;
  readonly tool: string;
  readonly clientId: string;
  readonly summary: string;
  readonly at: number;
  readonly until: number;
  readonly undoneAt: number | null;
}

/** What came of it: what the tool said, or why nothing was done. */
export type Undone =
  | { readonly said: string; readonly tool: string; readonly clientId: string }
  | { readonly problem: "unknown" }
  | { readonly problem: "beyond_role"; readonly missing: readonly string[] }
  | { readonly problem: "not_done"; readonly says: string };

const MOST_SHOWN = 200;

/** The newest first. */
export async function undoableChanges({ store, changeKey }: ChangeDeps, workspaceId: string): Promise<readonly UndoableChange[]> {
  const rows = await store.changeEntries.undoable(workspaceId, MOST_SHOWN);
  return rows.map(({ id, tool, client_id, sealed_summary, undo_until, undone_at, created_at }) => ({
    id,
    tool,
    clientId: client_id,
    summary: sealed_summary === null ? tool : unseal(changeKey, sealed_summary, summaryContext(id)),
    at: created_at,
    until: undo_until ?? created_at,
    undoneAt: undone_at,
  }));
}

/** Policies are about agents: a person takes back what their role would let them have done, also by a tool that is stopped. */
export async function undoByPerson(deps: ChangeDeps, person: Person, changeId: string): Promise<Undone> {
  const found = await findUndoable(deps, changeId, person.workspaceId);
  if (found === undefined) return { problem: "unknown" };
  const { row, target } = found;
  const missing = target.scopes.filter((scope) => !person.scopes.held.has(scope));
  if (missing.length > 0) return { problem: "beyond_role", missing };
  const call = deps.begin(requestOf(deps, person), { target, rule: "all_scopes_held", isAllowed: true });
  const said = await takeBack(deps, call, found);
  if (specialKind(said) === "error") return { problem: "not_done", says: textOf(said as ToolError) };
  return { said: said as string, tool: row.tool, clientId: row.client_id };
}

function requestOf({ now }: ChangeDeps, person: Person): CallRequest {
  return {
    principal: principalOfPerson(person, now()),
    method: "console/undo",
    meta: { protocol: "console", capabilities: {} },
    params: {},
    cancelled: { isCancelled: false, onCancel: undefined },
  };
}

function textOf({ content }: ToolError): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
