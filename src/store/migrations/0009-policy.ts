import { type Kysely, sql } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import { oneOf } from "./checks.ts";

/** What operators say about agents and tools, and how often each agent called what may be called so many times a day. */
export async function createPolicyTables(db: Kysely<unknown>, { bigint, createTable }: MigrationContext): Promise<void> {
  await createTable("policy_rule")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text")
    .addColumn("tool", "text")
    .addColumn("effect", "text")
    .addColumn("action", "text", (c) => c.notNull())
    .addColumn("approvers", bigint)
    .addColumn("environment_id", "text")
    .addColumn("per_1000_seconds", bigint)
    .addColumn("per_day", bigint)
    .addColumn("place", "text", (c) => c.notNull())
    .addColumn("revision", bigint, (c) => c.notNull().unique())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .addColumn("removed_at", bigint)
    .addCheckConstraint("policy_rule_action_is_known", oneOf("action", ["allow", "deny", "approve", "read_only", "environment", "limit"]))
    .addCheckConstraint("policy_rule_effect_is_known", sql`effect is null or ${oneOf("effect", ["read", "write", "destructive"])}`)
    .addCheckConstraint("policy_rule_names_one_target", sql`tool is null or effect is null`)
    .addCheckConstraint(
      "policy_rule_approvers",
      sql`(action = 'approve') = (approvers is not null) and (approvers is null or approvers in (1, 2))`,
    )
    .addCheckConstraint("policy_rule_environment", sql`(action = 'environment') = (environment_id is not null)`)
    .addCheckConstraint("policy_rule_limit", sql`(action = 'limit') = (per_1000_seconds is not null or per_day is not null)`)
    .addCheckConstraint("policy_rule_counts", sql`coalesce(per_1000_seconds, 1) > 0 and coalesce(per_day, 1) > 0`)
    .execute();
  await db.schema
    .createIndex("policy_rule_one_in_force")
    .unique()
    .on("policy_rule")
    .columns(["workspace_id", "place"])
    .where(sql<boolean>`removed_at is null`)
    .execute();
  await createTable("policy_count")
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("place", "text", (c) => c.notNull())
    .addColumn("day", bigint, (c) => c.notNull())
    .addColumn("calls", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("policy_count_key", ["workspace_id", "client_id", "place", "day"])
    .execute();
  await db.schema.createIndex("policy_count_by_day").on("policy_count").column("day").execute();
}
