import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** Calls that go on after they were answered. */
export async function createTaskTable(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("mcp_task")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("tool", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("status_message", "text")
    .addColumn("sealed_input", "text", (c) => c.notNull())
    .addColumn("sealed_state", "text")
    .addColumn("round", bigint, (c) => c.notNull())
    .addColumn("version", bigint, (c) => c.notNull())
    .addColumn("node", "text", (c) => c.notNull())
    .addColumn("instance", "text", (c) => c.notNull())
    .addColumn("lease_until", bigint, (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("updated_at", bigint, (c) => c.notNull())
    .addColumn("expires_at", bigint, (c) => c.notNull())
    .addCheckConstraint("mcp_task_status_is_known", oneOf("status", ["working", "input_required", "completed", "failed", "cancelled"]))
    .execute();
  await db.schema.createIndex("mcp_task_by_agent").on("mcp_task").columns(["workspace_id", "client_id", "status"]).execute();
  await db.schema.createIndex("mcp_task_by_expiry").on("mcp_task").column("expires_at").execute();
}
