import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** What is still to come of results that were answered in parts. */
export async function createResultTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("stored_result")
    .addColumn("id", "text", (c) => c.notNull())
    .addColumn("part", "integer", (c) => c.notNull())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("tool", "text", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("bytes", bigint, (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("stored_result_key", ["id", "part"])
    .execute();
  // With all that the limits of a principal are counted by.
  await db.schema
    .createIndex("stored_result_by_principal")
    .on("stored_result")
    .columns(["workspace_id", "client_id", "subject", "id", "bytes", "created_at"])
    .execute();
  await db.schema.createIndex("stored_result_by_expiry").on("stored_result").column("expires_at").execute();
}
