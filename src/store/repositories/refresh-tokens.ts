import type { Kysely } from "kysely";
import type { RefreshTokenStore } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createRefreshTokenStore(db: Kysely<CoreTables>): RefreshTokenStore {
  return {
    async create(row) {
      await db.insertInto("refresh_token").values(row).execute();
    },
    find: (idHash) => db.selectFrom("refresh_token").selectAll().where("id_hash", "=", idHash).executeTakeFirst(),
    rotate: (idHash, used, next) =>
      db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("refresh_token")
          .set({ used_at: used.at, successor: used.successor })
          .where("id_hash", "=", idHash)
          .where("used_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) return false;
        await trx.insertInto("refresh_token").values(next).execute();
        return true;
      }),
    endFamily: (familyId) => endAll(db, "family_id", familyId),
    endGrant: (grantId) => endAll(db, "grant_id", grantId),
    async sweep(now) {
      // A used token is kept as long as its family may live: its reuse must be noticed.
      const { numDeletedRows } = await db
        .deleteFrom("refresh_token")
        .where((eb) => eb.or([eb("family_expires_at", "<", now), eb.and([eb("used_at", "is", null), eb("expires_at", "<", now)])]))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/**
 * A rotation at the same time holds the row of the token it uses, and inserts another that a delete begun before cannot see.
 * The delete waits for that row; the next one sees the other. Over when there is nothing left to delete.
 */
async function endAll(db: Kysely<CoreTables>, column: "family_id" | "grant_id", value: string): Promise<void> {
  for (;;) {
    const { numDeletedRows } = await db.deleteFrom("refresh_token").where(column, "=", value).executeTakeFirst();
    if (numDeletedRows === 0n) return;
  }
}
