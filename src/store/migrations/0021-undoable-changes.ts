import { type Kysely, sql } from "kysely";

/** What was changed lately and can be undone, found among all that was changed. */
export async function createUndoableIndex(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex("change_entry_undoable")
    .on("change_entry")
    .columns(["workspace_id", "created_at"])
    .where(sql.ref("undo_until"), "is not", null)
    .execute();
}
