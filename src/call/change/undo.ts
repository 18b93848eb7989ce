import { isRefusal } from "../../errors.ts";
import { unseal } from "../../lib/secret.ts";
import { specialKind, toolError, type ToolError } from "../../tool/index.ts";
import { decide } from "../authorize.ts";
import type { Call } from "../call.ts";
import type { ChangeDeps } from "./change-deps.ts";
import { undoContext } from "./repeat.ts";

/** The same whether it never was, is that of another workspace, or may not be known to this caller. */
const UNKNOWN = toolError("There is no change with this id that you may undo. Its time may be over.");

/** Takes a change back: by whoever could have made it, in the same workspace, once. */
export async function undoChange(deps: ChangeDeps, call: Call, changeId: string): Promise<string | ToolError> {
  const { changeEntries } = deps.store;
  const { principal } = call.request;
  const row = await changeEntries.find(changeId);
  const target = row === undefined ? undefined : deps.registry.tools.get(row.tool);
  const undo = target?.tool.undo;
  if (row === undefined || target === undefined || undo === undefined || row.sealed_undo === null) return UNKNOWN;
  if (row.workspace_id !== principal.caller.workspaceId || !decide(principal.authority, target).allowed) return UNKNOWN;
  if (row.state === "undone") return toolError("This change was undone already.");
  if ((row.undo_until ?? 0) <= deps.now()) return UNKNOWN;
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
