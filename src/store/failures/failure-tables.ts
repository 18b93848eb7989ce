import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** What calls did wrong, counted, and how far that count has come. */
export async function createFailureTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("failure_cluster")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("cause", "text", (c) => c.notNull())
    .addColumn("target", "text", (c) => c.notNull())
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("detail", "text", (c) => c.notNull())
    .addColumn("expected", "text", (c) => c.notNull())
    .addColumn("suggestion", "text", (c) => c.notNull())
    .addColumn("calls", bigint, (c) => c.notNull())
    .addColumn("agents", "text", (c) => c.notNull())
    .addColumn("first_at", bigint, (c) => c.notNull())
    .addColumn("last_at", bigint, (c) => c.notNull())
    .addColumn("decision", "text", (c) => c.notNull())
    .addColumn("example", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("failure_by_calls").on("failure_cluster").columns(["workspace_id", "calls", "last_at"]).execute();
  await db.schema.createIndex("failure_by_time").on("failure_cluster").column("last_at").execute();
  await createTable("failure_progress")
    .addColumn("chain", "text", (c) => c.notNull().primaryKey())
    .addColumn("through_seq", bigint, (c) => c.notNull())
    .execute();
}
