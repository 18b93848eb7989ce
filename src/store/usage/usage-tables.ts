import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** How much is called, and how far that count has come; which client software opened a session. */
export async function createUsageTables(db: Kysely<unknown>, { bigint, bytes, createTable }: MigrationContext): Promise<void> {
  await createTable("usage_rollup")
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("cut", "text", (c) => c.notNull())
    .addColumn("grain", "text", (c) => c.notNull())
    .addColumn("start_at", bigint, (c) => c.notNull())
    .addColumn("environment_id", "text", (c) => c.notNull())
    .addColumn("of_id", "text", (c) => c.notNull())
    .addColumn("packed", bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint("usage_rollup_key", ["workspace_id", "cut", "grain", "start_at", "environment_id", "of_id"])
    .execute();
  await db.schema.createIndex("usage_rollup_by_age").on("usage_rollup").columns(["grain", "start_at"]).execute();
  await createTable("usage_progress")
    .addColumn("chain", "text", (c) => c.notNull().primaryKey())
    .addColumn("through_seq", bigint, (c) => c.notNull())
    .addColumn("first_at", bigint, (c) => c.notNull())
    .execute();
  await db.schema
    .alterTable("mcp_session")
    .addColumn("client", "text", (c) => c.notNull().defaultTo(""))
    .execute();
}
