import { type Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** Sessions of clients older than MCP 2026-07-28, and what was sent in them. */
export async function createSessionTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("mcp_session")
    .addColumn("id_hash", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("resource", "text", (c) => c.notNull())
    .addColumn("protocol", "text", (c) => c.notNull())
    .addColumn("capabilities", "text", (c) => c.notNull())
    .addColumn("log_level", "text")
    .addColumn("subscriptions", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("used_at", bigint, (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("mcp_session_by_principal")
    .on("mcp_session")
    .columns(["workspace_id", "client_id", "subject", "used_at"])
    .execute();
  await db.schema.createIndex("mcp_session_by_use").on("mcp_session").column("used_at").execute();
  await createTable("mcp_event")
    .addColumn("session_hash", "text", (c) => c.notNull().references("mcp_session.id_hash").onDelete("cascade"))
    .addColumn("stream", "text", (c) => c.notNull())
    .addColumn("seq", bigint, (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("at", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("mcp_event_key", ["session_hash", "stream", "seq"])
    .execute();
  await db.schema.createIndex("mcp_event_by_age").on("mcp_event").column("at").execute();
}
