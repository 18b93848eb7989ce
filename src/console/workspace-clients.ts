import type { ClientRow, Store } from "../store/index.ts";

/** The newest are taken when there are more. */
const MOST = 5000;

/** The clients that a workspace knows, the newest first, and no others: those that were made in it, and those that hold or held a grant in it. */
export async function workspaceClients({ db }: Pick<Store, "db">, workspaceId: string, limit = MOST): Promise<readonly ClientRow[]> {
  return knownClients(db, workspaceId).selectAll("c").orderBy("c.created_at", "desc").orderBy("c.id").limit(limit).execute();
}

function knownClients(db: Store["db"], workspaceId: string) {
  return db
    .selectFrom("client as c")
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
    );
}

/** Names of the agents of a workspace by their ids; they are the agents' own claims. */
export async function agentNames({ db }: Pick<Store, "db">, workspaceId: string): Promise<ReadonlyMap<string, string>> {
  const clients = await knownClients(db, workspaceId).select(["c.id", "c.name"]).limit(MOST).execute();
  return new Map(clients.map(({ id, name }) => [id, name]));
}

/** Which of these clients a workspace knows. */
export async function knownAmong({ db }: Pick<Store, "db">, workspaceId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const clients = await knownClients(db, workspaceId).where("c.id", "in", ids).select("c.id").execute();
  return new Set(clients.map(({ id }) => id));
}

/** Whether it is the only workspace of the server: then what belongs to none yet is its too. */
export async function isOnlyWorkspace({ db }: Pick<Store, "db">, workspaceId: string): Promise<boolean> {
  const found = await db.selectFrom("workspace").select("id").where("id", "!=", workspaceId).limit(1).executeTakeFirst();
  return found === undefined;
}
