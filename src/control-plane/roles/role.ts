import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import { key } from "../parameters.ts";
import type { RoleRow } from "../tables/index.ts";

/** The same answer for a role of another environment or organization, a deleted one and one that never was. */
export const NO_SUCH_ROLE = toolError(
  "There is no role with this role_id in this environment. list_environment_roles shows those that exist.",
);

export const ROLE_TAKEN = toolError("A role with this name exists already in this environment. list_environment_roles shows those in use.");

export const roleName = key("For programs, unique in the environment.");

export const roleScopes = z.array(z.string()).max(100).describe("Names of scopes that it holds.");

export const roleDetails = z.object({
  role_id: z.string(),
  name: z.string(),
  display_name: z.string(),
  description: z.string().nullable(),
  scopes: z.array(z.string()),
  is_default: z.boolean(),
  version: z.number(),
});

export function describeRole({ id, name, display_name, description, is_default, version, ...row }: RoleRow) {
  return { role_id: id, name, display_name, description, scopes: scopesOf(row), is_default: is_default === 1, version };
}

export function scopesOf({ scopes }: Pick<RoleRow, "scopes">): string[] {
  return JSON.parse(scopes) as string[];
}

/** Scopes as a row holds them: each once, sorted. */
export function scopesJson(scopes: readonly string[]): string {
  return JSON.stringify([...new Set(scopes)].toSorted());
}

/** What to tell about scopes that the environment (or one of these owners) does not have; undefined when it has all. */
export async function refuseUnknownScopes(db: Db, ownerIds: readonly string[], names: readonly string[]) {
  if (names.length === 0) return undefined;
  const rows = await db
    .selectFrom("environment_scope")
    .select("name")
    .where("owner_id", "in", ownerIds)
    .where("name", "in", names)
    .execute();
  const known = new Set(rows.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  return unknown.length === 0
    ? undefined
    : toolError(
        `There is no scope ${unknown.join(", ")} in this environment. list_environment_scopes shows those that exist; create_environment_scope adds one.`,
      );
}

export async function findRole(db: Db, environmentId: string, roleId: string): Promise<RoleRow | undefined> {
  return db
    .selectFrom("environment_role")
    .selectAll()
    .where("owner_id", "=", environmentId)
    .where("id", "=", roleId)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}

/** Lets no other role of this owner be the one that is given without asking. */
export async function clearDefault(db: Db, ownerId: string): Promise<void> {
  await db
    .updateTable("environment_role")
    .set(({ eb }) => ({ is_default: 0, version: eb("version", "+", 1) }))
    .where("owner_id", "=", ownerId)
    .where("is_default", "=", 1)
    .where("deleted_at", "is", null)
    .execute();
}
