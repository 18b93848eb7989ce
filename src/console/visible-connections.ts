import type { ConnectionView } from "../audit/index.ts";
import type { ConsoleContext } from "./endpoint.ts";
import { isOnlyWorkspace, workspaceClients } from "./workspace-clients.ts";

/**
 * Attempts to connect that people of a workspace may see, the newest first: those of its clients. Who a client is for shows only when somebody
 * lets it in, so those of nobody yet are shown while the server has one workspace.
 */
export async function visibleConnections(
  { connections, store, by }: Pick<ConsoleContext, "connections" | "store" | "by">,
  limit: number,
): Promise<readonly ConnectionView[]> {
  const attempts = await connections.list(limit);
  if (await isOnlyWorkspace(store, by.workspaceId)) return attempts;
  const known = new Set((await workspaceClients(store, by.workspaceId)).map(({ id }) => id));
  return attempts.filter(({ client_id }) => client_id !== null && known.has(client_id));
}
