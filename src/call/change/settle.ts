import { redact } from "../../audit/index.ts";
import { isRefusal } from "../../errors.ts";
import { seal } from "../../lib/secret.ts";
import type { ChangeEntryRow } from "../../store/index.ts";
import { concealed, type RegisteredTool } from "../../tool/index.ts";
import type { Answer, Call, Ended } from "../call.ts";
import type { ChangeDeps } from "./change-deps.ts";
import { isDerived } from "./keys.ts";
import { answerContext, summaryContext, undoContext } from "./repeat.ts";

interface Settled {
  readonly call: Call;
  readonly row: ChangeEntryRow;
  readonly ended: Ended;
  readonly approval: string | undefined;
  readonly target: RegisteredTool;
}

const MAX_SUMMARY_CHARS = 500;
const MAX_UNDO_BYTES = 1024 * 1024;

/** Stores how a change ended, so that a repeated call is answered alike and it can be undone, before it is answered. */
export async function settle(deps: ChangeDeps, { call, row, ended, approval, target }: Settled): Promise<Ended> {
  const { changeEntries } = deps.store;
  const noted = { change: row.id, ...(approval === undefined ? {} : { approval }) };
  const { outcome, answer } = ended;
  if (isRefusal(answer) || answer.type !== "complete" || (outcome !== "ok" && outcome !== "tool_error")) {
    // Nothing was done, or it will be asked again: the key is free. Under a key of the client's own, what was cut off is not tried twice.
    const isCutOff = outcome === "fault" || outcome === "timeout" || outcome === "cancelled";
    if (isCutOff && !isDerived(row)) await changeEntries.change(row.id, "running", { state: "unknown" });
    else await changeEntries.delete(row.id);
    return { ...ended, noted };
  }
  const undo = outcome === "ok" ? undoOf(deps, row, { call, ended, target }) : undefined;
  const shown = undo === undefined ? answer : withUndo(answer, row.id, undo.undo_until);
  await changeEntries.change(row.id, "running", {
    state: "done",
    sealed_answer: seal(deps.changeKey, shown.json, answerContext(row.id)),
    ...undo,
  });
  return { ...ended, answer: shown, noted };
}

function undoOf(deps: ChangeDeps, row: ChangeEntryRow, { call, ended, target }: Pick<Settled, "call" | "ended" | "target">) {
  const { undo } = target.tool;
  if (ended.undo === undefined || undo === undefined) return undefined;
  const data = JSON.stringify(ended.undo.data);
  if (Buffer.byteLength(data) > MAX_UNDO_BYTES) throw new TypeError(`${target.name} keeps more than 1 MiB to undo a call`);
  const undoUntil = deps.now() + undo.windowSeconds * 1000;
  return {
    sealed_undo: seal(deps.changeKey, data, undoContext(row.id)),
    sealed_summary: seal(deps.changeKey, summaryOf(call, target), summaryContext(row.id)),
    undo_until: undoUntil,
    expires_at: Math.max(row.expires_at, undoUntil),
  };
}

/** What people decided about, or the call as it was made, without what is sensitive. */
function summaryOf({ plan, request }: Call, target: RegisteredTool): string {
  const given = JSON.stringify(redact(concealed(target, request.params["arguments"] ?? {})));
  return (plan?.summary ?? `${target.tool.title}, with ${given}`).slice(0, MAX_SUMMARY_CHARS);
}

/** Tells model and program how to take the change back. */
function withUndo({ type, json }: Answer, changeId: string, undoUntil: number): Answer {
  const { _meta, content, ...rest } = JSON.parse(json) as { readonly _meta?: object; readonly content: readonly object[] };
  const until = new Date(undoUntil).toISOString();
  const text = { type: "text", text: `This can be undone until ${until}; its change id is ${changeId}.` };
  const meta = { ..._meta, "dev.remit/undo": { change_id: changeId, until } };
  return { type, json: JSON.stringify({ _meta: meta, content: [...content, text], ...rest }) };
}
