import type { Kysely } from "kysely";

/** Who ordered a kill at the console, who made a call that waits for approval, and what a change did, in words. */
export async function createConsolePeople(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("kill").addColumn("ordered_by", "text").execute();
  await db.schema.alterTable("approval").addColumn("made_by", "text").execute();
  await db.schema.alterTable("change_entry").addColumn("sealed_summary", "text").execute();
}
