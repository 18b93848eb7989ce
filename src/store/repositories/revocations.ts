import type { Kysely } from "kysely";
import type { RevocationStore } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createRevocationStore(db: Kysely<CoreTables>): RevocationStore {
  return {
    async add(row) {
      await db.insertInto("revocation").values(row).execute();
    },
    since: (since) => db.selectFrom("revocation").selectAll().where("at", ">=", since).orderBy("at").orderBy("id").execute(),
    async sweep(before) {
      const { numDeletedRows } = await db.deleteFrom("revocation").where("at", "<", before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
