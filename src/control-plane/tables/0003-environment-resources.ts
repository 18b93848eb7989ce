import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { MigrationContext } from "../../index.ts";

/** A table of things in an environment. With all three columns, no row can join one workspace's things to another's. */
export function createPlacedTable({ bigint, createTable }: MigrationContext, name: string): CreateTableBuilder<string, string> {
  return createTable(name)
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("workspace_id", "text", (column) => column.notNull())
    .addColumn("environment_id", "text", (column) => column.notNull())
    .addColumn("created_at", bigint, (column) => column.notNull())
    .addUniqueConstraint(`${name}_place_key`, ["workspace_id", "environment_id", "id"])
    .addForeignKeyConstraint(`${name}_environment_key`, ["workspace_id", "environment_id"], "environment", ["workspace_id", "id"]);
}

/** Roles, scopes, URIs, connections, connected accounts and MCP servers. */
export async function createEnvironmentResources(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  const { bigint } = context;
  await ownedByOrganization(createPlacedTable(context, "environment_role"), "environment_role")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("display_name", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("is_default", "integer", (c) => c.notNull().check(sql`is_default in (0, 1)`))
    .addColumn("version", bigint, (c) => c.notNull())
    .addColumn("deleted_at", bigint)
    .execute();
  await uniqueAmongLiving(db, "environment_role", ["owner_id", "name"]);
  await db.schema
    .createIndex("environment_role_default")
    .on("environment_role")
    .column("owner_id")
    .unique()
    .where(sql<boolean>`is_default = 1 and deleted_at is null`)
    .execute();
  await ownedByOrganization(createPlacedTable(context, "environment_scope"), "environment_scope")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("environment_scope_name_key", ["owner_id", "name"])
    .execute();
  await createPlacedTable(context, "environment_uri")
    .addColumn("kind", "text", (c) => c.notNull().check(sql`kind in ('redirect', 'post_logout', 'initiate_login')`))
    .addColumn("uri", "text", (c) => c.notNull())
    .addUniqueConstraint("environment_uri_key", ["environment_id", "kind", "uri"])
    .execute();
  await db.schema
    .createIndex("environment_uri_initiate_login")
    .on("environment_uri")
    .column("environment_id")
    .unique()
    .where(sql<boolean>`kind = 'initiate_login'`)
    .execute();
  await createConnectionTables(context);
  await createProtectedTables(db, context);
}

function ownedByOrganization(table: CreateTableBuilder<string, string>, name: string): CreateTableBuilder<string, string> {
  return table
    .addColumn("organization_id", "text")
    .addColumn("owner_id", "text", (c) => c.notNull())
    .addCheckConstraint(`${name}_owner`, sql`owner_id = coalesce(organization_id, environment_id)`)
    .addForeignKeyConstraint(`${name}_organization_key`, ["workspace_id", "environment_id", "organization_id"], "organization", [
      "workspace_id",
      "environment_id",
      "id",
    ]);
}

async function createConnectionTables(context: MigrationContext): Promise<void> {
  const { bigint, createTable } = context;
  await createPlacedTable(context, "connection")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull().check(sql`kind in ('oidc', 'saml', 'social')`))
    .addColumn("is_enabled", "integer", (c) => c.notNull().check(sql`is_enabled in (0, 1)`))
    .addColumn("config", "text", (c) => c.notNull())
    .addColumn("tested_at", bigint)
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("connection_name_key", ["environment_id", "name"])
    .execute();
  await createTable("organization_connection")
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("environment_id", "text", (c) => c.notNull())
    .addColumn("organization_id", "text", (c) => c.notNull())
    .addColumn("connection_id", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("organization_connection_pkey", ["organization_id", "connection_id"])
    .addForeignKeyConstraint(
      "organization_connection_organization_key",
      ["workspace_id", "environment_id", "organization_id"],
      "organization",
      ["workspace_id", "environment_id", "id"],
    )
    .addForeignKeyConstraint("organization_connection_connection_key", ["workspace_id", "environment_id", "connection_id"], "connection", [
      "workspace_id",
      "environment_id",
      "id",
    ])
    .execute();
}

async function createProtectedTables(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  const { bigint } = context;
  await createPlacedTable(context, "connected_account")
    .addColumn("identifier", "text", (c) => c.notNull())
    .addColumn("connector", "text", (c) => c.notNull())
    .addColumn("connected_at", bigint)
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("connected_account_key", ["environment_id", "connector", "identifier"])
    .execute();
  await createPlacedTable(context, "mcp_server")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("url", "text", (c) => c.notNull())
    .addColumn("access_token_seconds", "integer", (c) => c.notNull().check(sql`access_token_seconds > 0`))
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("mcp_server_url_key", ["environment_id", "url"])
    .execute();
  for (const table of ["connected_account", "mcp_server"])
    await db.schema.createIndex(`${table}_in_order`).on(table).columns(["workspace_id", "environment_id", "id"]).execute();
}

export async function uniqueAmongLiving(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema.createIndex(`${table}_key`).on(table).columns(columns).unique().where(sql.ref("deleted_at"), "is", null).execute();
}
