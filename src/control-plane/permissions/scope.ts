import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import { scopesOf } from "../roles/index.ts";
import type { ScopeRow } from "../tables/index.ts";

export const NO_SUCH_SCOPE = toolError(
  "There is no scope with this scope_id in this environment. list_environment_scopes shows those that exist.",
);
export const SCOPE_TAKEN = toolError(
  "A scope with this name exists already in this environment. list_environment_scopes shows those in use.",
);

export const scopeDetails = z.object({ scope_id: z.string(), name: z.string(), description: z.string().nullable(), version: z.number() });

export function describeScope({ id, name, description, version }: ScopeRow) {
  return { scope_id: id, name, description, version };
}

export async function findScope(db: Db, environmentId: string, scopeId: string): Promise<ScopeRow | undefined> {
  return db.selectFrom("environment_scope").selectAll().where("owner_id", "=", environmentId).where("id", "=", scopeId).executeTakeFirst();
}

/** The names of the environment's roles that hold a scope. */
export async function rolesWith(db: Db, environmentId: string, scope: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("environment_role")
    .select(["name", "scopes"])
    .where("owner_id", "=", environmentId)
    .where("deleted_at", "is", null)
    .orderBy("name")
    .execute();
  return rows.filter((row) => scopesOf(row).includes(scope)).map(({ name }) => name);
}
