import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Clients, what was granted to them, and what follows from a grant. */
export async function createAccessTables(db: Kysely<unknown>, context: MigrationContext): Promise<void> {
  await createGrantTable(db, context);
  await createClientTable(db, context);
  await createRefreshTokenTable(db, context);
  await createDeviceTable(db, context);
  await createUpstreamSecretTable(context);
}

async function createGrantTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  // A grant may be older than the record of its client, or outlive it, or its client has a document instead: hence no reference to it.
  await createTable("access_grant")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("parent_id", "text", (c) => c.references("access_grant.id"))
    .addColumn("redirect_host", "text")
    .addColumn("environments", "text")
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint)
    .addColumn("revoked_at", bigint)
    .addCheckConstraint("access_grant_kind_is_known", oneOf("kind", ["standing", "person", "exchange", "enterprise"]))
    .addCheckConstraint("access_grant_exchange_has_a_parent", sql`(kind = 'exchange') = (parent_id is not null)`)
    .addCheckConstraint("access_grant_redirect_host_is_consented", sql`redirect_host is null or kind = 'person'`)
    .execute();
  // Nulls are never equal in a unique index: a device's consent, which has no host, counts as the host "".
  await sql`create unique index access_grant_one_consent on access_grant (client_id, subject, workspace_id, coalesce(redirect_host, ''))
    where kind = 'person' and revoked_at is null`.execute(db);
  await db.schema.createIndex("access_grant_by_workspace").on("access_grant").columns(["workspace_id", "id"]).execute();
  await db.schema.createIndex("access_grant_by_client").on("access_grant").column("client_id").execute();
  await db.schema.createIndex("access_grant_by_subject").on("access_grant").column("subject").execute();
  await db.schema
    .createIndex("access_grant_by_parent")
    .on("access_grant")
    .column("parent_id")
    .where(sql<boolean>`parent_id is not null`)
    .execute();
}

async function createClientTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("client")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("workspace_id", "text", (c) => c.references("workspace.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("auth_method", "text", (c) => c.notNull())
    .addColumn("secret_hash", "text")
    .addColumn("jwks", "text")
    .addColumn("scopes", "text")
    .addColumn("grant_id", "text", (c) => c.references("access_grant.id"))
    .addColumn("metadata", "text", (c) => c.notNull())
    .addColumn("may_introspect", "integer", (c) => c.notNull())
    .addColumn("challenge", "text", (c) => c.notNull().defaultTo("http"))
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint)
    .addColumn("disabled_at", bigint)
    .addCheckConstraint("client_kind_is_known", oneOf("kind", ["operator", "document", "registered"]))
    .addCheckConstraint("client_auth_method_is_known", oneOf("auth_method", ["none", "client_secret", "private_key_jwt"]))
    .addCheckConstraint(
      "client_has_its_maker",
      sql`(kind = 'operator' and workspace_id is not null and scopes is not null and grant_id is not null)
        or (kind <> 'operator' and workspace_id is null and grant_id is null and may_introspect = 0)`,
    )
    .addCheckConstraint(
      "client_has_its_credential",
      sql`(auth_method = 'none' and secret_hash is null and jwks is null)
        or (auth_method = 'client_secret' and secret_hash is not null and jwks is null)
        or (auth_method = 'private_key_jwt' and secret_hash is null)`,
    )
    // Whoever can read the document would know the secret.
    .addCheckConstraint("client_document_has_no_secret", sql`kind <> 'document' or auth_method <> 'client_secret'`)
    .addCheckConstraint("client_may_introspect_is_a_flag", sql`may_introspect in (0, 1)`)
    .addCheckConstraint("client_challenge_is_known", oneOf("challenge", ["http", "in_band"]))
    .execute();
  await db.schema.createIndex("client_by_workspace").on("client").columns(["workspace_id", "id"]).execute();
  await db.schema.createIndex("client_by_grant").on("client").column("grant_id").execute();
  await db.schema
    .createIndex("client_registered")
    .on("client")
    .columns(["used_at", "created_at"])
    .where(sql<boolean>`kind = 'registered'`)
    .execute();
}

async function createRefreshTokenTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("refresh_token")
    .addColumn("id_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("family_id", "text", (c) => c.notNull())
    .addColumn("grant_id", "text", (c) => c.notNull().references("access_grant.id"))
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("jkt", "text")
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addColumn("family_expires_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint)
    .addColumn("successor", "text")
    .addCheckConstraint("refresh_token_used_has_a_successor", sql`(used_at is null) = (successor is null)`)
    .execute();
  await db.schema.createIndex("refresh_token_by_family").on("refresh_token").column("family_id").execute();
  await db.schema.createIndex("refresh_token_by_grant").on("refresh_token").column("grant_id").execute();
  await db.schema.createIndex("refresh_token_by_family_expiry").on("refresh_token").column("family_expires_at").execute();
  await db.schema
    .createIndex("refresh_token_by_expiry")
    .on("refresh_token")
    .column("expires_at")
    .where(sql<boolean>`used_at is null`)
    .execute();
}

async function createDeviceTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("device")
    .addColumn("id_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("user_code", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("claimed_by", "text")
    .addColumn("grant_id", "text", (c) => c.references("access_grant.id"))
    .addColumn("interval_seconds", bigint, (c) => c.notNull())
    .addColumn("polled_at", bigint)
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addUniqueConstraint("device_user_code_key", ["user_code"])
    .addCheckConstraint("device_state_is_known", oneOf("state", ["pending", "approved", "denied", "used"]))
    .addCheckConstraint("device_approved_has_a_grant", sql`(state in ('approved', 'used')) = (grant_id is not null)`)
    .addCheckConstraint("device_decided_was_claimed", sql`state = 'pending' or claimed_by is not null`)
    .execute();
  await db.schema.createIndex("device_by_expiry").on("device").column("expires_at").execute();
}

async function createUpstreamSecretTable({ bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("upstream_secret")
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("upstream_secret_key", ["workspace_id", "name"])
    .execute();
}
