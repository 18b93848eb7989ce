import { defineTables } from "../../index.ts";

/** A customer of the workspace, in one of its environments. */
export interface OrganizationRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly environment_id: string;
  readonly name: string;
  /** The customer's id in the workspace's own systems; unique within the environment. */
  readonly external_id: string | null;
  readonly created_at: number;
  /** Raised by one on each change. */
  readonly version: number;
}

export interface OrganizationTables {
  organization: OrganizationRow;
}

export const organizationTables = defineTables<OrganizationTables>({
  name: "control-plane",
  tables: ["organization"],
  environmentColumns: { organization: "environment_id" },
  migrations: {
    "0001-organization": async (db, { bigint, createTable }) => {
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
    },
  },
});
