import type { Kysely } from "kysely";
import { UNDO_WINDOW_SECONDS } from "../plans.ts";
import type { ToolTables } from "../../index.ts";
import type { ControlPlaneTables } from "./rows.ts";

type Db = Kysely<ToolTables & ControlPlaneTables>;

/** An undo that began within its time may still be under way. */
const GRACE_MS = 3_600_000;
/** So many at a time, so that others get to write in between. */
const BATCH = 200;

/** Removes links that can no longer be used, and for good what was deleted and can no longer be brought back. */
export async function sweep(db: Db, nowMs: number): Promise<void> {
  await db.deleteFrom("link").where("expires_at", "<", nowMs).execute();
  const before = nowMs - UNDO_WINDOW_SECONDS * 1000 - GRACE_MS;
  for (const purge of [purgeEnvironments, purgeOrganizations, purgeRoles]) while ((await purge(db, before)) === BATCH);
  await db.deleteFrom("organization_template").where("deleted_at", "<", before).execute();
}

/** What is in an environment or organization, what refers to other things first. */
const IN_ORGANIZATION = ["organization_connection", "organization_user", "environment_role", "environment_scope"] as const;
const IN_ENVIRONMENT = [
  "link",
  "search_word",
  ...IN_ORGANIZATION,
  "organization",
  "organization_template",
  "connection",
  "connected_account",
  "mcp_server",
  "environment_uri",
] as const;

async function purgeEnvironments(db: Db, before: number): Promise<number> {
  const ids = await deletedIn(db, "environment", before);
  for (const id of ids) {
    await db.transaction().execute(async (trx) => {
      for (const table of IN_ENVIRONMENT) await trx.deleteFrom(table).where("environment_id", "=", id).execute();
      await trx.deleteFrom("environment").where("id", "=", id).execute();
    });
  }
  return ids.length;
}

async function purgeOrganizations(db: Db, before: number): Promise<number> {
  const ids = await deletedIn(db, "organization", before);
  if (ids.length === 0) return 0;
  await db.transaction().execute(async (trx) => {
    const users = trx.selectFrom("organization_user").select("id").where("organization_id", "in", ids);
    await trx.deleteFrom("search_word").where("resource_id", "in", users).execute();
    await trx.deleteFrom("search_word").where("resource_id", "in", ids).execute();
    for (const table of IN_ORGANIZATION) await trx.deleteFrom(table).where("organization_id", "in", ids).execute();
    await trx.deleteFrom("organization").where("id", "in", ids).execute();
  });
  return ids.length;
}

async function purgeRoles(db: Db, before: number): Promise<number> {
  const ids = await deletedIn(db, "environment_role", before);
  if (ids.length === 0) return 0;
  await db.transaction().execute(async (trx) => {
    await trx.updateTable("organization_user").set({ role_id: null }).where("role_id", "in", ids).execute();
    await trx.deleteFrom("environment_role").where("id", "in", ids).execute();
  });
  return ids.length;
}

async function deletedIn(db: Db, table: "environment" | "organization" | "environment_role", before: number): Promise<readonly string[]> {
  const rows = await db.selectFrom(table).select("id").where("deleted_at", "<", before).orderBy("id").limit(BATCH).execute();
  return rows.map(({ id }) => id);
}
