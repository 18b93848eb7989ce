import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Calls that wait for a person, and what was changed by calls: to answer a repeated one alike, and to take one back. */
export async function createApprovalTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("approval")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("grant_id", "text", (c) => c.notNull())
    .addColumn("tool", "text", (c) => c.notNull())
    .addColumn("call_digest", "text", (c) => c.notNull())
    .addColumn("plan_digest", "text", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("approvers_needed", bigint, (c) => c.notNull())
    .addColumn("approved_by", "text", (c) => c.notNull())
    .addColumn("decided_by", "text")
    .addColumn("reason", "text")
    .addColumn("requested_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addColumn("decided_at", bigint)
    .addColumn("decision", "text")
    .addCheckConstraint("approval_state_is_known", oneOf("state", ["pending", "approved", "refused", "used", "void"]))
    .execute();
  await db.schema.createIndex("approval_by_workspace").on("approval").columns(["workspace_id", "state", "requested_at", "id"]).execute();
  await db.schema.createIndex("approval_by_call").on("approval").columns(["call_digest", "state"]).execute();
  await db.schema.createIndex("approval_by_expiry").on("approval").column("expires_at").execute();
  await db.schema
    .createIndex("approval_one_open")
    .unique()
    .on("approval")
    .column("call_digest")
    .where(sql<boolean>`state in ('pending', 'approved')`)
    .execute();
  await createTable("change_entry")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("tool", "text", (c) => c.notNull())
    .addColumn("key_hash", "text", (c) => c.notNull())
    .addColumn("arguments_digest", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("decision", "text", (c) => c.notNull())
    .addColumn("instance", "text", (c) => c.notNull())
    .addColumn("sealed_answer", "text")
    .addColumn("sealed_undo", "text")
    .addColumn("undo_until", bigint)
    .addColumn("undone_at", bigint)
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("replay_until", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addCheckConstraint("change_entry_state_is_known", oneOf("state", ["running", "done", "unknown", "undoing", "undone"]))
    .addUniqueConstraint("change_entry_key", ["workspace_id", "client_id", "subject", "tool", "key_hash"])
    .execute();
  await db.schema.createIndex("change_entry_by_expiry").on("change_entry").column("expires_at").execute();
}
