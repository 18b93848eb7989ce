import type { Kysely } from "kysely";
import type { DeviceStore } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createDeviceStore(db: Kysely<CoreTables>): DeviceStore {
  return {
    async create(row) {
      await db.insertInto("device").values(row).execute();
    },
    find: (idHash) => db.selectFrom("device").selectAll().where("id_hash", "=", idHash).executeTakeFirst(),
    findByUserCode: (userCode) => db.selectFrom("device").selectAll().where("user_code", "=", userCode).executeTakeFirst(),
    poll: (idHash, at, intervalSeconds) =>
      db.transaction().execute(async (trx) => {
        // Holds the row, so that of two polls at once one is the other's previous.
        const previous = await trx
          .updateTable("device")
          .set({ interval_seconds: intervalSeconds })
          .where("id_hash", "=", idHash)
          .returning("polled_at")
          .executeTakeFirst();
        await trx.updateTable("device").set({ polled_at: at }).where("id_hash", "=", idHash).execute();
        return previous?.polled_at ?? undefined;
      }),
    async claim(idHash, session) {
      const { numUpdatedRows } = await db
        .updateTable("device")
        .set({ claimed_by: session })
        .where("id_hash", "=", idHash)
        .where("state", "=", "pending")
        .where((eb) => eb.or([eb("claimed_by", "is", null), eb("claimed_by", "=", session)]))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async decide(idHash, session, decision) {
      const approved = decision.state === "approved" ? { grant_id: decision.grantId, scopes: decision.scopes } : {};
      const { numUpdatedRows } = await db
        .updateTable("device")
        .set({ state: decision.state, ...approved })
        .where("id_hash", "=", idHash)
        .where("claimed_by", "=", session)
        .where("state", "=", "pending")
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async use(idHash) {
      const { numUpdatedRows } = await db
        .updateTable("device")
        .set({ state: "used" })
        .where("id_hash", "=", idHash)
        .where("state", "=", "approved")
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async sweep(now) {
      const { numDeletedRows } = await db.deleteFrom("device").where("expires_at", "<", now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
