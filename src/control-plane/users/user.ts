import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import { key } from "../parameters.ts";
import type { OrganizationRow, UserRow } from "../tables/index.ts";

export const NO_SUCH_USER = toolError(
  "There is no user with this user_id in this organization. list_organization_users shows those that exist.",
);
export const EMAIL_TAKEN = toolError("A user with this email exists already in this organization. search_users finds them.");

export const userRole = key("Name of a role of the organization or its environment.");

export const userSummary = z.object({
  user_id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  role: z.string().nullable(),
  version: z.number(),
});

export type ShownUser = Pick<UserRow, "id" | "email" | "name" | "version"> & { readonly role: string | null };

export function summarizeUser({ id, email, name, role, version }: ShownUser) {
  return { user_id: id, email, name, role, version };
}

/** Users with the names of their roles; a role that was deleted is none. */
export function selectUsers(db: Db) {
  return db
    .selectFrom("organization_user as u")
    .leftJoin("environment_role as r", (join) => join.onRef("r.id", "=", "u.role_id").on("r.deleted_at", "is", null))
    .select(["u.id", "u.email", "u.name", "u.version", "r.name as role"]);
}

type Place = Pick<OrganizationRow, "id" | "environment_id">;

/** The id of the role that an organization knows by this name, of its own before that of its environment; what to tell when there is none. */
export async function roleIdOf(db: Db, organization: Place, name: string): Promise<string | ReturnType<typeof toolError>> {
  const rows = await rolesOf(db, organization).where("name", "=", name).execute();
  const own = rows.find(({ owner_id }) => owner_id === organization.id) ?? rows[0];
  return (
    own?.id ?? toolError(`There is no role ${name} in this organization or its environment. list_environment_roles shows those that exist.`)
  );
}

/** The id of the role that users are made with, when none is said; null when there is none. */
export async function defaultRoleId(db: Db, organization: Place): Promise<string | null> {
  const rows = await rolesOf(db, organization).where("is_default", "=", 1).execute();
  return (rows.find(({ owner_id }) => owner_id === organization.id) ?? rows[0])?.id ?? null;
}

function rolesOf(db: Db, { id, environment_id }: Place) {
  return db
    .selectFrom("environment_role")
    .select(["id", "owner_id"])
    .where("owner_id", "in", [id, environment_id])
    .where("deleted_at", "is", null);
}

export async function findUser(
  db: Db,
  organizationId: string,
  userId: string,
): Promise<(UserRow & { readonly role: string | null }) | undefined> {
  return db
    .selectFrom("organization_user as u")
    .leftJoin("environment_role as r", (join) => join.onRef("r.id", "=", "u.role_id").on("r.deleted_at", "is", null))
    .selectAll("u")
    .select("r.name as role")
    .where("u.organization_id", "=", organizationId)
    .where("u.id", "=", userId)
    .executeTakeFirst();
}
