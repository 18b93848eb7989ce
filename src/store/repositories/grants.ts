import type { Kysely } from "kysely";
import type { GrantStore } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createGrantStore(db: Kysely<CoreTables>): GrantStore {
  return {
    async create(grant) {
      await db.insertInto("access_grant").values(grant).execute();
    },
    find: (id) => db.selectFrom("access_grant").selectAll().where("id", "=", id).executeTakeFirst(),
    async revoke(id, at) {
      const { numUpdatedRows } = await db
        .updateTable("access_grant")
        .set({ revoked_at: at })
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", at)]))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}
