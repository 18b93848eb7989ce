/** Calls that people of a workspace keep to make them again. What a tool marks as sensitive is not kept. */
import { createId } from "../../../lib/id.ts";
import { concealed } from "../../../tool/index.ts";
import type { SavedCall } from "../../contract.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { parseNewSaved } from "./order.ts";

const MOST_SAVED = 200;
const MAX_ARGUMENTS_CHARS = 16 * 1024;

export async function listSaved({ store, by }: ConsoleContext, { query }: ConsoleRequest): Promise<readonly SavedCall[]> {
  const rows = await store.savedCalls.list(by.workspaceId, query.get("tool") ?? undefined);
  return rows.map(({ id, name, tool, arguments: json, era }) => ({
    id,
    name,
    tool,
    arguments: JSON.parse(json) as unknown,
    era: era as SavedCall["era"],
  }));
}

export async function saveCall({ store, registry, by, now }: ConsoleContext, { body }: ConsoleRequest): Promise<SavedCall> {
  const { name, tool, arguments: given, era } = parseNewSaved(body);
  const target = registry.tools.get(tool);
  if (target === undefined) throw new ConsoleProblem(404, { code: "no_tool", message: "There is no tool of this name." });
  const args: unknown = concealed(target, given ?? {});
  const json = JSON.stringify(args);
  if (json.length > MAX_ARGUMENTS_CHARS)
    throw new ConsoleProblem(413, { code: "too_large", message: "The arguments are too large to be kept." });
  const id = createId("sav");
  const row = { id, workspace_id: by.workspaceId, account_id: by.accountId, name, tool, arguments: json, era, created_at: now() };
  if (!(await store.savedCalls.add(row, MOST_SAVED)))
    throw new ConsoleProblem(409, {
      code: "too_many",
      message: `A workspace keeps at most ${MOST_SAVED} calls.`,
      next: "Remove some first.",
    });
  return { id, name, tool, arguments: args, era };
}

export async function removeSaved({ store, by }: ConsoleContext, { params }: ConsoleRequest): Promise<{ readonly removed: true }> {
  if (await store.savedCalls.remove(by.workspaceId, params["id"] ?? "")) return { removed: true };
  throw new ConsoleProblem(404, { code: "not_found", message: "There is no such call any more." });
}
