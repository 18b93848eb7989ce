import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Workspaces, people, agents and what was granted to them. */
export async function createAccessTables(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  await createWorkspaceTables(db, context);
  await createMemberTables(db, context);
  await createClientTables(db, context);
}

async function createWorkspaceTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
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
    .addColumn("created_at", bigint, (c) => c.notNull())
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

async function createClientTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  // A grant may be older than the record of its client, or outlive it: hence no reference to it.
  await createTable("access_grant")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint)
    .addColumn("revoked_at", bigint)
    .execute();
  await createTable("client")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("auth_method", "text", (c) => c.notNull())
    .addColumn("secret_hash", "text")
    .addColumn("jwks", "text")
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("grant_id", "text", (c) => c.notNull().references("access_grant.id"))
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("disabled_at", bigint)
    .addCheckConstraint("client_auth_method_is_known", oneOf("auth_method", ["client_secret", "private_key_jwt"]))
    .addCheckConstraint(
      "client_has_its_credential",
      sql`(auth_method = 'client_secret' and secret_hash is not null and jwks is null)
        or (auth_method = 'private_key_jwt' and jwks is not null and secret_hash is null)`,
    )
    .execute();
  await db.schema.createIndex("access_grant_by_workspace").on("access_grant").columns(["workspace_id", "id"]).execute();
  await db.schema.createIndex("access_grant_by_client").on("access_grant").column("client_id").execute();
  await db.schema.createIndex("client_by_workspace").on("client").columns(["workspace_id", "id"]).execute();
  await db.schema.createIndex("client_by_grant").on("client").column("grant_id").execute();
}
