import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Workspaces, people, and the ways in which people sign in. */
export async function createPeopleTables(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  await createWorkspaceTables(context);
  await createMemberTables(db, context);
  await createSignInTables(db, context);
}

async function createWorkspaceTables({ bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("workspace")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .execute();
  await createTable("environment")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("slug", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("version", bigint, (c) => c.notNull())
    .addUniqueConstraint("environment_slug_key", ["workspace_id", "slug"])
    // Lets other tables refer to an environment together with its workspace.
    .addUniqueConstraint("environment_workspace_id_key", ["workspace_id", "id"])
    .addCheckConstraint("environment_slug_is_lower_case", sql`slug = lower(slug)`)
    .addCheckConstraint("environment_kind_is_known", oneOf("kind", ["production", "development"]))
    .execute();
}

async function createMemberTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("account")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("email", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("password_hash", "text")
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("disabled_at", bigint)
    .addUniqueConstraint("account_email_key", ["email"])
    .addCheckConstraint("account_email_is_lower_case", sql`email = lower(email)`)
    .execute();
  await createTable("member")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addUniqueConstraint("member_account_key", ["workspace_id", "account_id"])
    .addUniqueConstraint("member_workspace_id_key", ["workspace_id", "id"])
    .addCheckConstraint("member_role_is_known", oneOf("role", ["owner", "admin", "member", "viewer"]))
    .execute();
  await db.schema.createIndex("member_by_account").on("member").column("account_id").execute();
}

async function createSignInTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("identity")
    .addColumn("issuer", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("identity_key", ["issuer", "subject"])
    .execute();
  await createTable("passkey")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("public_key", "text", (c) => c.notNull())
    .addColumn("counter", bigint, (c) => c.notNull())
    .addColumn("transports", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint)
    .execute();
  await createTable("sign_in_link")
    .addColumn("id_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint)
    .execute();
  await createTable("session")
    .addColumn("id_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addCheckConstraint("session_state_is_known", oneOf("state", ["password", "full"]))
    .execute();
  for (const table of ["identity", "passkey", "sign_in_link", "session"])
    await db.schema.createIndex(`${table}_by_account`).on(table).column("account_id").execute();
  for (const table of ["sign_in_link", "session"])
    await db.schema.createIndex(`${table}_by_expiry`).on(table).column("expires_at").execute();
}
