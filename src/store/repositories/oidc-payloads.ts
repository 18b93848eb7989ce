import type { Kysely } from "kysely";
import type { OidcPayloadStore } from "../index.ts";
import type { CoreTables, OidcPayloadRow } from "../tables.ts";

export function createOidcPayloadStore(db: Kysely<CoreTables>): OidcPayloadStore {
  const findBy = (model: string, column: "id_hash" | "uid" | "user_code", value: string): Promise<OidcPayloadRow | undefined> =>
    db.selectFrom("oidc_payload").selectAll().where("model", "=", model).where(column, "=", value).executeTakeFirst();
  return {
    upsert: (row) => upsert(db, row),
    insertIfAbsent: (row, now) => insertIfAbsent(db, row, now),
    find: (model, idHash) => findBy(model, "id_hash", idHash),
    findByUid: (model, uid) => findBy(model, "uid", uid),
    findByUserCode: (model, userCode) => findBy(model, "user_code", userCode),
    async consume(model, idHash, at) {
      const { numUpdatedRows } = await db
        .updateTable("oidc_payload")
        .set({ consumed_at: at })
        .where("model", "=", model)
        .where("id_hash", "=", idHash)
        .where("consumed_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async destroy(model, idHash) {
      await db.deleteFrom("oidc_payload").where("model", "=", model).where("id_hash", "=", idHash).execute();
    },
    async destroyByGrant(grantId) {
      await db.deleteFrom("oidc_payload").where("grant_id", "=", grantId).execute();
    },
    async sweep(now) {
      const { numDeletedRows } = await db.deleteFrom("oidc_payload").where("expires_at", "<", now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

async function upsert(db: Kysely<CoreTables>, row: OidcPayloadRow): Promise<void> {
  await db
    .insertInto("oidc_payload")
    .values(row)
    .onConflict((oc) =>
      oc.columns(["model", "id_hash"]).doUpdateSet((eb) => ({
        payload: eb.ref("excluded.payload"),
        grant_id: eb.ref("excluded.grant_id"),
        uid: eb.ref("excluded.uid"),
        user_code: eb.ref("excluded.user_code"),
        expires_at: eb.ref("excluded.expires_at"),
        // What was used once stays used, whatever is written later.
        consumed_at: eb.fn.coalesce("oidc_payload.consumed_at", "excluded.consumed_at"),
      })),
    )
    .execute();
}

async function insertIfAbsent(db: Kysely<CoreTables>, row: OidcPayloadRow, now: number): Promise<boolean> {
  const result = await db
    .insertInto("oidc_payload")
    .values(row)
    .onConflict((oc) =>
      oc
        .columns(["model", "id_hash"])
        .doUpdateSet((eb) => ({
          payload: eb.ref("excluded.payload"),
          grant_id: eb.ref("excluded.grant_id"),
          uid: eb.ref("excluded.uid"),
          user_code: eb.ref("excluded.user_code"),
          expires_at: eb.ref("excluded.expires_at"),
          consumed_at: eb.ref("excluded.consumed_at"),
        }))
        .where("oidc_payload.expires_at", "<=", now),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
