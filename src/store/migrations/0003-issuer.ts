import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Signing keys, the authorization server's rows and revocations. */
export async function createIssuerTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("signing_key")
    .addColumn("kid", "text", (c) => c.notNull().primaryKey())
    .addColumn("alg", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("public_jwk", "text", (c) => c.notNull())
    .addColumn("sealed_private_jwk", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("state_at", bigint, (c) => c.notNull())
    .addCheckConstraint("signing_key_state_is_known", oneOf("state", ["pending", "active", "retiring"]))
    .execute();
  await db.schema
    .createIndex("signing_key_one_active")
    .unique()
    .on("signing_key")
    .column("alg")
    .where(sql<boolean>`state = 'active'`)
    .execute();
  await createTable("oidc_payload")
    .addColumn("model", "text", (c) => c.notNull())
    .addColumn("id_hash", "text", (c) => c.notNull())
    .addColumn("payload", "text", (c) => c.notNull())
    .addColumn("grant_id", "text")
    .addColumn("uid", "text")
    .addColumn("user_code", "text")
    .addColumn("consumed_at", bigint)
    .addColumn("expires_at", bigint)
    .addPrimaryKeyConstraint("oidc_payload_key", ["model", "id_hash"])
    .execute();
  // Most rows lack most of these: an index of the others only is small.
  await indexWhereSet(db, "oidc_payload_by_grant", ["grant_id"]);
  await indexWhereSet(db, "oidc_payload_by_uid", ["uid", "model"]);
  await indexWhereSet(db, "oidc_payload_by_user_code", ["user_code", "model"]);
  await indexWhereSet(db, "oidc_payload_by_expiry", ["expires_at"]);
  await createTable("revocation")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("at", bigint, (c) => c.notNull())
    .addCheckConstraint("revocation_kind_is_known", oneOf("kind", ["token", "family", "grant", "client", "subject"]))
    .execute();
  await db.schema.createIndex("revocation_by_time").on("revocation").columns(["at", "id"]).execute();
}

async function indexWhereSet(db: Kysely<unknown>, name: string, columns: readonly [string, ...string[]]): Promise<void> {
  await db.schema
    .createIndex(name)
    .on("oidc_payload")
    .columns([...columns])
    .where(sql<boolean>`${sql.ref(columns[0])} is not null`)
    .execute();
}
