import type { ExpressionBuilder, Kysely } from "kysely";
import type { ChangeEntryStore, ChangeKey } from "../index.ts";
import type { CoreTables } from "../tables.ts";

export function createChangeEntryStore(db: Kysely<CoreTables>): ChangeEntryStore {
  return {
    async begin(row) {
      const created = await db
        .insertInto("change_entry")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      if (created !== undefined) return undefined;
      return db.selectFrom("change_entry").selectAll().where(ofKey(row)).executeTakeFirst();
    },
    find: (id) => db.selectFrom("change_entry").selectAll().where("id", "=", id).executeTakeFirst(),
    undoable: (workspaceId, limit) =>
      db
        .selectFrom("change_entry")
        .select(["id", "tool", "client_id", "state", "sealed_summary", "undo_until", "undone_at", "created_at"])
        .where("workspace_id", "=", workspaceId)
        .where("undo_until", "is not", null)
        .orderBy("created_at", "desc")
        .orderBy("id")
        .limit(limit)
        .execute(),
    findByKey: (key) => db.selectFrom("change_entry").selectAll().where(ofKey(key)).executeTakeFirst(),
    async change(id, from, set) {
      const { numUpdatedRows } = await db
        .updateTable("change_entry")
        .set(set)
        .where("id", "=", id)
        .where("state", "=", from)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async release(id) {
      await db
        .updateTable("change_entry")
        .set((eb) => ({ key_hash: eb.ref("id") }))
        .where("id", "=", id)
        .execute();
    },
    async delete(id) {
      await db.deleteFrom("change_entry").where("id", "=", id).execute();
    },
    async sweep(now) {
      await db.deleteFrom("change_entry").where("expires_at", "<", now).execute();
    },
  };
}

function ofKey({ workspace_id, client_id, subject, tool, key_hash }: ChangeKey) {
  return (eb: ExpressionBuilder<CoreTables, "change_entry">) => eb.and({ workspace_id, client_id, subject, tool, key_hash });
}
