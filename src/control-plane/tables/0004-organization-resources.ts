import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../../index.ts";
import { createPlacedTable, uniqueAmongLiving } from "./0003-environment-resources.ts";

/** Users, templates, links, and the words by which organizations and users are found. */
export async function createOrganizationResources(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  const { bigint } = context;
  await createPlacedTable(context, "organization_user")
    .addColumn("organization_id", "text", (c) => c.notNull())
    .addColumn("email", "text", (c) => c.notNull().check(sql`email = lower(email)`))
    .addColumn("name", "text")
    .addColumn("role_id", "text")
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("organization_user_email_key", ["organization_id", "email"])
    .addForeignKeyConstraint("organization_user_organization_key", ["workspace_id", "environment_id", "organization_id"], "organization", [
      "workspace_id",
      "environment_id",
      "id",
    ])
    .addForeignKeyConstraint("organization_user_role_key", ["workspace_id", "environment_id", "role_id"], "environment_role", [
      "workspace_id",
      "environment_id",
      "id",
    ])
    .execute();
  await db.schema.createIndex("organization_user_in_order").on("organization_user").columns(["organization_id", "id"]).execute();
  await db.schema.createIndex("organization_user_by_role").on("organization_user").columns(["role_id", "id"]).execute();
  await createPlacedTable(context, "organization_template")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("description", "text")
    .addColumn("definition", "text", (c) => c.notNull())
    .addColumn("version", bigint, (c) => c.notNull())
    .addColumn("deleted_at", bigint)
    .execute();
  await uniqueAmongLiving(db, "organization_template", ["environment_id", "name"]);
  await createLinkTable(db, context);
  await createSearchTable(db, context);
}

async function createLinkTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("link")
    .addColumn("token_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("environment_id", "text")
    .addColumn("kind", "text", (c) => c.notNull().check(sql`kind in ('invitation', 'admin_portal', 'connected_account')`))
    .addColumn("data", "text", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint)
    .addForeignKeyConstraint("link_environment_key", ["workspace_id", "environment_id"], "environment", ["workspace_id", "id"])
    .execute();
  await db.schema.createIndex("link_by_expiry").on("link").column("expires_at").execute();
}

async function createSearchTable(db: Kysely<unknown>, { bytewise, createTable }: MigrationContext): Promise<void> {
  await createTable("search_word")
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("environment_id", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("word", bytewise, (c) => c.notNull())
    .addColumn("resource_id", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("search_word_pkey", ["workspace_id", "environment_id", "kind", "word", "resource_id"])
    .addForeignKeyConstraint("search_word_environment_key", ["workspace_id", "environment_id"], "environment", ["workspace_id", "id"])
    .execute();
  await db.schema.createIndex("search_word_by_resource").on("search_word").columns(["resource_id", "word"]).execute();
}
