import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../../index.ts";

/**
 * Features, templates and deletion. The table is made anew, because the uniqueness of external ids now holds only among organizations that
 * are not deleted, and SQLite cannot drop a constraint.
 */
export async function extendOrganizationTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("organization_next")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("workspace_id", "text", (column) => column.notNull())
    .addColumn("environment_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("external_id", "text")
    .addColumn("features", "text", (column) => column.notNull().defaultTo("{}"))
    .addColumn("template_id", "text")
    .addColumn("template_version", bigint)
    .addColumn("created_at", bigint, (column) => column.notNull())
    .addColumn("version", bigint, (column) => column.notNull())
    .addColumn("deleted_at", bigint)
    .addUniqueConstraint("organization_workspace_id_key", ["workspace_id", "environment_id", "id"])
    .addForeignKeyConstraint("organization_place_key", ["workspace_id", "environment_id"], "environment", ["workspace_id", "id"])
    .execute();
  const kept = sql.raw("id, workspace_id, environment_id, name, external_id, created_at, version");
  await sql`insert into organization_next (${kept}) select ${kept} from organization`.execute(db);
  await db.schema.dropTable("organization").execute();
  await db.schema.alterTable("organization_next").renameTo("organization").execute();
  await db.schema
    .createIndex("organization_by_age")
    .on("organization")
    .columns(["workspace_id", "environment_id", "created_at", "id"])
    .where(sql.ref("deleted_at"), "is", null)
    .execute();
  await db.schema
    .createIndex("organization_external_id")
    .on("organization")
    .columns(["environment_id", "external_id"])
    .unique()
    .where(sql.ref("deleted_at"), "is", null)
    .execute();
  await db.schema.createIndex("organization_by_template").on("organization").columns(["template_id"]).execute();
}
