import type { Kysely } from "kysely";
import type { ClientStore } from "../index.ts";
import { prepareQuery, takeFirst } from "../prepared-query.ts";
import type { ClientRow, CoreTables } from "../tables.ts";

export function createClientStore(db: Kysely<CoreTables>): ClientStore {
  const find = prepareQuery<{ readonly id: string }, ClientRow>((value) =>
    db.selectFrom("client").selectAll().where("id", "=", value("id")),
  );
  return {
    async create(client, grant) {
      await db.transaction().execute(async (trx) => {
        if (grant !== undefined) await trx.insertInto("access_grant").values(grant).execute();
        await trx.insertInto("client").values(client).execute();
      });
    },
    put: (client) => put(db, client),
    find: (id) => takeFirst(db, find({ id })),
    list: () => db.selectFrom("client").selectAll().orderBy("created_at").orderBy("id").execute(),
    async disable(id, at) {
      const { numUpdatedRows } = await db
        .updateTable("client")
        .set({ disabled_at: at })
        .where("id", "=", id)
        .where("disabled_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async setChallenge(id, challenge) {
      const { numUpdatedRows } = await db.updateTable("client").set({ challenge }).where("id", "=", id).executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async enable(id) {
      const { numUpdatedRows } = await db
        .updateTable("client")
        .set({ disabled_at: null })
        .where("id", "=", id)
        .where("disabled_at", "is not", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async touch(id, at) {
      await db.updateTable("client").set({ used_at: at }).where("id", "=", id).execute();
    },
    async countRegistered() {
      const { n } = await db
        .selectFrom("client")
        .select((eb) => eb.fn.countAll<number>().as("n"))
        .where("kind", "=", "registered")
        .executeTakeFirstOrThrow();
      return n;
    },
    sweepRegistered: (unusedBefore, idleBefore) => sweepRegistered(db, unusedBefore, idleBefore),
  };
}

async function put(db: Kysely<CoreTables>, client: ClientRow): Promise<void> {
  await db
    .insertInto("client")
    .values(client)
    .onConflict((oc) =>
      oc.column("id").doUpdateSet((eb) => ({
        name: eb.ref("excluded.name"),
        auth_method: eb.ref("excluded.auth_method"),
        jwks: eb.ref("excluded.jwks"),
        metadata: eb.ref("excluded.metadata"),
      })),
    )
    .execute();
}

async function sweepRegistered(db: Kysely<CoreTables>, unusedBefore: number, idleBefore: number): Promise<number> {
  // Both instants are in the past: what ended before the later one is over by now.
  const over = Math.max(unusedBefore, idleBefore);
  const { numDeletedRows } = await db
    .deleteFrom("client")
    .where("kind", "=", "registered")
    .where((eb) => eb.or([eb.and([eb("used_at", "is", null), eb("created_at", "<", unusedBefore)]), eb("used_at", "<", idleBefore)]))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("access_grant")
            .select("access_grant.id")
            .whereRef("access_grant.client_id", "=", "client.id")
            .where("access_grant.revoked_at", "is", null)
            .where((eb) => eb.or([eb("access_grant.expires_at", "is", null), eb("access_grant.expires_at", ">", over)])),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
