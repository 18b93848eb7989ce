/** What agents changed, and how a person takes it back. */
import type { Changes } from "../../contract-evidence.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { agentNames } from "../../workspace-clients.ts";

export async function listChanges({ path, store, by }: ConsoleContext): Promise<Changes> {
  const [changes, names] = await Promise.all([path.undoing.undoable(by.workspaceId), agentNames(store, by.workspaceId)]);
  return { changes: changes.map(({ clientId, ...change }) => ({ ...change, agent: names.get(clientId) ?? clientId })) };
}

export async function undoChange({ path, registry, record, by }: ConsoleContext, { params }: ConsoleRequest) {
  const { accountId, workspaceId: workspace, member } = by;
  const id = params["id"] ?? "";
  const scopes = registry.scopes.parse(registry.scopes.forRole(member));
  const undone = await path.undoing.undoByPerson({ accountId, workspaceId: workspace, scopes }, id);
  if ("said" in undone) {
    const { said, tool, clientId: agent } = undone;
    await record({ event: "change.undone", change: id, tool, agent, workspace, by: accountId });
    return { undone: true, says: said };
  }
  switch (undone.problem) {
    case "unknown":
      throw new ConsoleProblem(404, {
        code: "not_found",
        message: "There is no such change that can be undone.",
        next: "Reload the page.",
      });
    case "beyond_role":
      throw new ConsoleProblem(403, {
        code: "beyond_role",
        message: `To take it back needs ${undone.missing.join(", ")}, which is beyond your own role (${member}) in ${by.workspaceName}.`,
        next: "Ask an admin to do it.",
      });
    default:
      throw new ConsoleProblem(409, { code: "not_done", message: undone.says });
  }
}
