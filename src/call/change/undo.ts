import { isRefusal } from "../../errors.ts";
import { unseal } from "../../lib/secret.ts";
import type { ChangeEntryRow } from "../../store/index.ts";
import { specialKind, toolError, type RegisteredTool, type ToolError } from "../../tool/index.ts";
import { decide } from "../authorize.ts";
import type { Call } from "../call.ts";
import type { ChangeDeps } from "./change-deps.ts";
import { undoContext } from "./repeat.ts";

/** The same whether it never was, is that of another workspace, or may not be known to this caller. */
const UNKNOWN_CHANGE = toolError("There is no change with this id that you may undo. Its time may be over.");

/** A change that its tool knows how to take back. */
export interface Undoable {
  readonly row: ChangeEntryRow & { readonly sealed_undo: string };
  readonly target: RegisteredTool;
}

/** Takes a change back: by whoever could have made it, in the same workspace, once. */
export async function undoChange(deps: ChangeDeps, call: Call, changeId: string): Promise<string | ToolError> {
  const { principal } = call.request;
  const found = await findUndoable(deps, changeId, principal.caller.workspaceId);
  return found === undefined || !decide(principal.authority, found.target).allowed ? UNKNOWN_CHANGE : takeBack(deps, call, found);
}

export async function findUndoable(
  { store, registry }: Pick<ChangeDeps, "store" | "registry">,
  changeId: string,
  workspaceId: string,
): Promise<Undoable | undefined> {
  const row = await store.changeEntries.find(changeId);
  const target = row === undefined ? undefined : registry.tools.get(row.tool);
  if (row === undefined || target?.tool.undo === undefined || row.sealed_undo === null || row.workspace_id !== workspaceId)
    return undefined;
  return { row: { ...row, sealed_undo: row.sealed_undo }, target };
}

/** Runs what the tool declares for it, for who may have it done. */
export async function takeBack(deps: ChangeDeps, call: Call, { row, target }: Undoable): Promise<string | ToolError> {
  const { changeEntries } = deps.store;
  const { undo } = target.tool;
  if (undo === undefined) return UNKNOWN_CHANGE;
  if (row.state === "undone") return toolError("This change was undone already.");
  if ((row.undo_until ?? 0) <= deps.now()) return UNKNOWN_CHANGE;
  if (!(await changeEntries.change(row.id, "done", { state: "undoing" }))) return toolError("This change is being undone.");
  const data: unknown = JSON.parse(unseal(deps.changeKey, row.sealed_undo, undoContext(row.id)));
  try {
    const context = deps.runner.contexts.create(call);
    if (isRefusal(context)) throw new TypeError("the undoing call has no context");
    const said = await undo.run(data, context as never);
    const isDone = specialKind(said) !== "error";
    await changeEntries.change(row.id, "undoing", isDone ? { state: "undone", undone_at: deps.now() } : { state: "done" });
    return said;
  } catch (error) {
    await changeEntries.change(row.id, "undoing", { state: "done" });
    throw error;
  }
}
