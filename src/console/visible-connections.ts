import type { ConnectionView } from "../audit/index.ts";
import type { ConsoleContext } from "./endpoint.ts";
import { agentNames, isOnlyWorkspace, knownAmong } from "./workspace-clients.ts";

/** Among so many of the newest attempts those of a workspace are looked for: others' must not hide them. */
const LOOKED_AT = 500;

/**
 * Attempts to connect that people of a workspace may see, the newest first: those of its clients. Who a client is for shows only when somebody
 * lets it in, so those of nobody yet are shown while the server has one workspace.
 */
export async function visibleConnections(context: Asking, limit: number): Promise<readonly ConnectionView[]> {
  const [attempts, names] = await Promise.all([ownAttempts(context, limit), agentNames(context.store, context.by.workspaceId)]);
  // A client that did not name itself in its attempt may have said its name before.
  return attempts.map((view) => (view.client === view.client_id ? { ...view, client: names.get(view.client) ?? view.client } : view));
}

type Asking = Pick<ConsoleContext, "connections" | "store" | "by">;

async function ownAttempts({ connections, store, by }: Asking, limit: number): Promise<readonly ConnectionView[]> {
  if (await isOnlyWorkspace(store, by.workspaceId)) return connections.list(limit);
  const attempts = await connections.list(LOOKED_AT);
  const ids = new Set(attempts.flatMap(({ client_id }) => (client_id === null ? [] : [client_id])));
  const known = await knownAmong(store, by.workspaceId, [...ids]);
  return attempts.filter(({ client_id }) => client_id !== null && known.has(client_id)).slice(0, limit);
}
