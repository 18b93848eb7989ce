/** What belongs to a workspace alone. What is felt in others too is not for its admins to stop; what is of others is as if it were not there. */
import type { ClientRow } from "../../../store/index.ts";
import { ConsoleProblem, type ConsoleContext } from "../../endpoint.ts";
import { isOnlyWorkspace } from "../../workspace-clients.ts";

type Asking = Pick<ConsoleContext, "store" | "by">;

export function missing(what: string): ConsoleProblem {
  return new ConsoleProblem(404, { code: "not_found", message: `There is no such ${what} in this workspace.`, next: "Reload the page." });
}

/** The client, if nothing that happens to it is felt in another workspace. */
export async function requireOwnClient({ store, by }: Asking, id: string): Promise<ClientRow> {
  const client = await store.clients.find(id);
  if (client === undefined || !(await isKnown({ store, by }, client))) throw missing("agent");
  if (client.workspace_id === by.workspaceId || (await isOnlyWorkspace(store, by.workspaceId))) return client;
  throw new ConsoleProblem(409, {
    code: "shared",
    message: "This client is not this workspace's own: people of other workspaces may use it too.",
    next: "Revoke its grants in this workspace instead.",
  });
}

async function isKnown({ store: { db }, by: { workspaceId } }: Asking, client: ClientRow): Promise<boolean> {
  if (client.workspace_id !== null) return client.workspace_id === workspaceId;
  const grant = await db
    .selectFrom("access_grant")
    .select("id")
    .where("client_id", "=", client.id)
    .where("workspace_id", "=", workspaceId)
    .where("kind", "!=", "exchange")
    .limit(1)
    .executeTakeFirst();
  return grant !== undefined;
}

/** Refuses to let a grant be touched that is of another workspace. */
export async function requireOwnGrant({ store, by }: Asking, id: string): Promise<void> {
  const grant = await store.grants.find(id);
  if (grant?.workspace_id !== by.workspaceId) throw missing("grant");
}

/** The account id of a person of this workspace, by id or email, if whoever asks may stop them. */
export async function requireOwnPerson({ store, by }: Asking, named: string): Promise<string> {
  const places = await store.db
    .selectFrom("account as a")
    .innerJoin("member as m", "m.account_id", "a.id")
    .where((eb) => eb.or([eb("a.email", "=", named.trim().toLowerCase()), eb("a.id", "=", named)]))
    .select(["a.id", "m.workspace_id", "m.role"])
    .execute();
  const place = places.find(({ workspace_id }) => workspace_id === by.workspaceId);
  if (place === undefined) throw missing("person");
  if (place.id === by.accountId)
    throw new ConsoleProblem(409, { code: "yourself", message: "This would lock you out.", next: "Ask another admin to do it." });
  if (place.role === "owner" && by.member !== "owner")
    throw new ConsoleProblem(403, { code: "owner_needed", message: "Only an owner may stop an owner of the workspace." });
  if (places.some(({ workspace_id }) => workspace_id !== by.workspaceId))
    throw new ConsoleProblem(409, {
      code: "shared",
      message: "This person belongs to other workspaces too.",
      next: "Revoke what acts for them here, or ask the operator of the server.",
    });
  return place.id;
}

export async function requireOwnEnvironment({ store, by }: Asking, id: string): Promise<void> {
  const row = await store.db.selectFrom("environment").select("workspace_id").where("id", "=", id).executeTakeFirst();
  if (row?.workspace_id !== by.workspaceId) throw missing("environment");
}
