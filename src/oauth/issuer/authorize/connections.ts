import type { Store } from "../../../store/index.ts";

/** A live grant as its person sees it. Instants are epoch milliseconds. */
export interface Connection {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly workspaceName: string;
  readonly scopes: readonly string[];
  readonly environments: readonly string[] | null;
  readonly redirectHost: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** When the client last got a token. */
  readonly usedAt: number | null;
}

export async function listConnections({ db }: Pick<Store, "db">, accountId: string, now: number): Promise<readonly Connection[]> {
  const rows = await db
    .selectFrom("access_grant as g")
    .innerJoin("client as c", "c.id", "g.client_id")
    .innerJoin("workspace as w", "w.id", "g.workspace_id")
    .where("g.subject", "=", accountId)
    .where("g.revoked_at", "is", null)
    .where((eb) => eb.or([eb("g.expires_at", "is", null), eb("g.expires_at", ">", now)]))
    .select(["g.id", "g.client_id", "g.scopes", "g.environments", "g.redirect_host", "g.created_at", "g.expires_at"])
    .select(["c.name as client_name", "c.used_at", "w.name as workspace_name"])
    .orderBy("g.created_at", "desc")
    .orderBy("g.id")
    .execute();
  return rows.map((row) => ({
    grantId: row.id,
    clientId: row.client_id,
    clientName: row.client_name,
    workspaceName: row.workspace_name,
    scopes: row.scopes.split(" ").filter(Boolean),
    environments: row.environments === null ? null : (JSON.parse(row.environments) as readonly string[]),
    redirectHost: row.redirect_host,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  }));
}
