import type { Kysely } from "kysely";
import type { Engine } from "../engine.ts";
import type { ConsentKey, GrantStore, GrantWithParties } from "../index.ts";
import { prepareQuery, takeFirst, type PreparedQuery } from "../prepared-query.ts";
import type { CoreTables, GrantRow } from "../tables.ts";

type Merge = Parameters<GrantStore["consent"]>[1];

export function createGrantStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): GrantStore {
  const withParties = prepareWithParties(db);
  return {
    async create(grant) {
      await db.insertInto("access_grant").values(grant).execute();
    },
    find: (id) => find(db, id),
    findWithParties: (id) => takeFirst(db, withParties({ id })),
    consent: (key, merge) =>
      db.transaction().execute(async (trx) => {
        const { client_id, subject, workspace_id, redirect_host } = key;
        // Two pages may be answered at once: the second adds to what the first wrote.
        await engine.holdName(trx, `consent ${JSON.stringify([client_id, subject, workspace_id, redirect_host])}`);
        return consent(trx, { client_id, subject, workspace_id, redirect_host }, merge);
      }),
    createChild: (grant, at) => db.transaction().execute((trx) => createChild(trx, grant, at)),
    revoke: (id, at) => db.transaction().execute((trx) => revoke(trx, id, at)),
  };
}

function find(db: Kysely<CoreTables>, id: string): Promise<GrantRow | undefined> {
  return db.selectFrom("access_grant").selectAll().where("id", "=", id).executeTakeFirst();
}

function prepareWithParties(db: Kysely<CoreTables>): PreparedQuery<{ readonly id: string }, GrantWithParties> {
  return prepareQuery((value) =>
    db
      .selectFrom("access_grant as g")
      .leftJoin("client as c", "c.id", "g.client_id")
      .leftJoin("workspace as w", "w.id", "g.workspace_id")
      .leftJoin("account as a", "a.id", "g.subject")
      .leftJoin("member as m", (join) => join.onRef("m.account_id", "=", "g.subject").onRef("m.workspace_id", "=", "g.workspace_id"))
      .where("g.id", "=", value("id"))
      .select(["g.id", "g.kind", "g.workspace_id", "g.client_id", "g.subject", "g.scopes", "g.expires_at", "g.revoked_at", "g.surface"])
      .select(["c.id as known_client", "c.workspace_id as client_workspace", "c.scopes as policy", "c.disabled_at as client_disabled_at"])
      .select(["c.used_at", "a.id as known_account", "a.disabled_at as account_disabled_at", "m.role", "w.stopped_at"]),
  );
}

async function consent(trx: Kysely<CoreTables>, key: ConsentKey, merge: Merge): Promise<GrantRow> {
  const present = await findConsent(trx, key);
  if (present !== undefined) {
    const { scopes, environments, surface = null, created_at, expires_at } = merge(present);
    const added = { scopes, environments, surface, created_at, expires_at };
    const { numUpdatedRows } = await trx
      .updateTable("access_grant")
      .set(added)
      .where("id", "=", present.id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return { ...present, ...added };
    // It was revoked meanwhile, and must stay so.
  }
  const grant: GrantRow = { ...merge(undefined), ...key, kind: "person", parent_id: null, revoked_at: null };
  await trx.insertInto("access_grant").values(grant).execute();
  return grant;
}

function findConsent(
  trx: Kysely<CoreTables>,
  { client_id, subject, workspace_id, redirect_host }: ConsentKey,
): Promise<GrantRow | undefined> {
  return trx
    .selectFrom("access_grant")
    .selectAll()
    .where("kind", "=", "person")
    .where("client_id", "=", client_id)
    .where("subject", "=", subject)
    .where("workspace_id", "=", workspace_id)
    .where("redirect_host", redirect_host === null ? "is" : "=", redirect_host)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
}

async function createChild(trx: Kysely<CoreTables>, grant: GrantRow, at: number): Promise<boolean> {
  if (grant.parent_id === null || !(await lockLive(trx, grant.parent_id, at))) return false;
  // The locked parent keeps a revocation of its own parents waiting, which will then find the child: these need no lock.
  for (let id: string | null = grant.parent_id; id !== null;) {
    const above: GrantRow | undefined = await find(trx, id);
    if (above === undefined || !isLive(above, at)) return false;
    id = above.parent_id;
  }
  await trx.insertInto("access_grant").values(grant).execute();
  return true;
}

/** Keeps others from changing the grant until the transaction ends. False when it is not live. */
async function lockLive(trx: Kysely<CoreTables>, id: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("access_grant")
    .set((eb) => ({ revoked_at: eb.ref("revoked_at") }))
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", at)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function isLive({ revoked_at, expires_at }: Pick<GrantRow, "revoked_at" | "expires_at">, at: number): boolean {
  return revoked_at === null && (expires_at === null || expires_at > at);
}

/** From the top down, a statement a generation: each waits for children in the making, and the next one sees them. */
async function revoke(trx: Kysely<CoreTables>, id: string, at: number): Promise<readonly string[]> {
  const revoked: string[] = [];
  let column: "id" | "parent_id" = "id";
  for (let ids: readonly string[] = [id]; ids.length > 0; column = "parent_id") {
    const generation = await trx
      .updateTable("access_grant")
      .set({ revoked_at: at })
      .where(column, "in", ids)
      .where("revoked_at", "is", null)
      .returning(["id", "expires_at", "revoked_at"])
      .execute();
    revoked.push(...generation.filter((row) => isLive({ ...row, revoked_at: null }, at)).map((row) => row.id));
    ids = generation.map((row) => row.id);
  }
  return revoked;
}
