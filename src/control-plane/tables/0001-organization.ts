import type { Kysely } from "kysely";
import type { MigrationContext } from "../../index.ts";

export async function createOrganizationTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("organization")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("workspace_id", "text", (column) => column.notNull())
    .addColumn("environment_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("external_id", "text")
    .addColumn("created_at", bigint, (column) => column.notNull())
    .addColumn("version", bigint, (column) => column.notNull())
    .addUniqueConstraint("organization_external_id_key", ["environment_id", "external_id"])
    // With both columns, no row can join one workspace's organization to another's environment.
    .addForeignKeyConstraint("organization_environment_key", ["workspace_id", "environment_id"], "environment", ["workspace_id", "id"])
    .execute();
  await db.schema
    .createIndex("organization_by_age")
    .on("organization")
    .columns(["workspace_id", "environment_id", "created_at", "id"])
    .execute();
}
