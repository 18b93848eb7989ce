import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** Uses of the kill switch, and which workspaces are stopped by one. */
export async function createKillTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("kill")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("kind", "text", (c) => c.notNull().check(sql`kind in ('agent', 'grant', 'user', 'tool', 'environment', 'workspace')`))
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("workspace_id", "text")
    .addColumn("reason", "text")
    .addColumn("ordered_at", bigint, (c) => c.notNull())
    .addColumn("applied_at", bigint)
    .addColumn("accepted", "text")
    .addColumn("refused", "text")
    .addColumn("lifted_at", bigint)
    .execute();
  await db.schema.createIndex("kill_standing").on("kill").columns(["kind", "id"]).where(sql.ref("lifted_at"), "is", null).execute();
  await db.schema.createIndex("kill_by_time").on("kill").column("ordered_at").execute();
  await db.schema.alterTable("workspace").addColumn("stopped_at", bigint).execute();
}
