import type { ClientRow, Store } from "../store/index.ts";

/** The newest are taken when there are more. */
const MOST = 5000;

/** The clients that a workspace knows, the newest first, and no others: those that were made in it, and those that hold or held a grant in it. */
export async function workspaceClients({ db }: Pick<Store, "db">, workspaceId: string, limit = MOST): Promise<readonly ClientRow[]> {
  return db
    .selectFrom("client as c")
    .selectAll("c")
    .where((eb) =>
      eb.or([
        eb("c.workspace_id", "=", workspaceId),
        eb(
          "c.id",
          "in",
          eb
            .selectFrom("access_grant as g")
            .select("g.client_id")
            .where("g.workspace_id", "=", workspaceId)
            .where("g.kind", "!=", "exchange"),
        ),
      ]),
    )
    .orderBy("c.created_at", "desc")
    .orderBy("c.id")
    .limit(limit)
    .execute();
}

/** Names of the agents of a workspace by their ids; they are the agents' own claims. */
export async function agentNames({ db }: Pick<Store, "db">, workspaceId: string): Promise<ReadonlyMap<string, string>> {
  const clients = await workspaceClients({ db }, workspaceId);
  return new Map(clients.map(({ id, name }) => [id, name]));
}

/** Whether it is the only workspace of the server: then what belongs to none yet is its too. */
export async function isOnlyWorkspace({ db }: Pick<Store, "db">, workspaceId: string): Promise<boolean> {
  const found = await db.selectFrom("workspace").select("id").where("id", "!=", workspaceId).limit(1).executeTakeFirst();
  return found === undefined;
}
