import type { Kysely } from "kysely";
import type { ClientStore } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createClientStore(db: Kysely<CoreTables>): ClientStore {
  return {
    async create(client, grant) {
      await db.transaction().execute(async (trx) => {
        await trx.insertInto("access_grant").values(grant).execute();
        await trx.insertInto("client").values(client).execute();
      });
    },
    find: (id) => db.selectFrom("client").selectAll().where("id", "=", id).executeTakeFirst(),
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
  };
}
