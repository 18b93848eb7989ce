import type { Context, Db } from "../access.ts";
import { newId } from "../new-id.ts";
import { newRole, scopesJson } from "../roles/index.ts";
import type { OrganizationRow } from "../tables/index.ts";
import { shapeRole, type Shape, type ShapeRole } from "./shape.ts";

type Caller = Pick<Context, "caller" | "now">;

/**
 * Makes an organization exactly this, in the given transaction. False, with nothing written, when it is no longer at the given version. A
 * role that comes back is the one that went, so that the users who had it have it again.
 */
export async function writeShape(
  trx: Db,
  caller: Caller,
  {
    organization,
    shape,
    template_version,
  }: { readonly organization: OrganizationRow; readonly shape: Shape; readonly template_version: number | null },
): Promise<boolean> {
  const written = await trx
    .updateTable("organization")
    .set({ features: JSON.stringify(shape.features), template_version, version: organization.version + 1 })
    .where("id", "=", organization.id)
    .where("version", "=", organization.version)
    .where("deleted_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (written === undefined) return false;
  await writeScopes(trx, caller, { organization, shape });
  await writeRoles(trx, caller, { organization, shape });
  await writeConnections(trx, caller, { organization, shape });
  return true;
}

interface Target {
  readonly organization: OrganizationRow;
  readonly shape: Shape;
}

async function writeRoles(trx: Db, context: Caller, { organization, shape }: Target): Promise<void> {
  const rows = await trx
    .selectFrom("environment_role")
    .selectAll()
    .where("owner_id", "=", organization.id)
    .orderBy("created_at", "desc")
    .execute();
  const wanted = new Set(shape.roles.map(({ name }) => name));
  const gone = rows.filter((row) => row.deleted_at === null && !wanted.has(row.name));
  for (const { id, version } of gone)
    await trx
      .updateTable("environment_role")
      .set({ deleted_at: context.now(), version: version + 1 })
      .where("id", "=", id)
      .execute();
  // At most one is the default at any moment: those that are not come first.
  for (const role of shape.roles.toSorted((a, b) => Number(a.is_default) - Number(b.is_default))) {
    const row = rows.find((each) => each.name === role.name && each.deleted_at === null) ?? rows.find((each) => each.name === role.name);
    if (row === undefined) {
      const { environment_id, id: organization_id } = organization;
      await trx
        .insertInto("environment_role")
        .values(newRole(context, { environment_id, organization_id, ...role }))
        .execute();
    } else if (row.deleted_at !== null || !isSame(shapeRole(row), role)) {
      const { display_name, is_default } = role;
      await trx
        .updateTable("environment_role")
        .set({ display_name, scopes: scopesJson(role.scopes), is_default: is_default ? 1 : 0, deleted_at: null, version: row.version + 1 })
        .where("id", "=", row.id)
        .execute();
    }
  }
}

function isSame(a: ShapeRole, b: ShapeRole): boolean {
  return a.display_name === b.display_name && a.is_default === b.is_default && scopesJson(a.scopes) === scopesJson(b.scopes);
}

async function writeScopes(trx: Db, { now }: Caller, { organization, shape }: Target): Promise<void> {
  const { id: organization_id, workspace_id, environment_id } = organization;
  const names = shape.scopes.map(({ name }) => name);
  let gone = trx.deleteFrom("environment_scope").where("owner_id", "=", organization_id);
  if (names.length > 0) gone = gone.where("name", "not in", names);
  await gone.execute();
  for (const { name, description } of shape.scopes) {
    const place = { workspace_id, environment_id, organization_id, owner_id: organization_id };
    await trx
      .insertInto("environment_scope")
      .values({ id: newId("scp"), ...place, name, description, created_at: now(), version: 1 })
      .onConflict((conflict) => conflict.columns(["owner_id", "name"]).doUpdateSet({ description }))
      .execute();
  }
}

async function writeConnections(trx: Db, { now }: Caller, { organization, shape }: Target): Promise<void> {
  const { id: organization_id, workspace_id, environment_id } = organization;
  let gone = trx.deleteFrom("organization_connection").where("organization_id", "=", organization_id);
  if (shape.connection_ids.length > 0) gone = gone.where("connection_id", "not in", shape.connection_ids);
  await gone.execute();
  for (const connection_id of shape.connection_ids)
    await trx
      .insertInto("organization_connection")
      .values({ workspace_id, environment_id, organization_id, connection_id, created_at: now() })
      .onConflict((conflict) => conflict.columns(["organization_id", "connection_id"]).doNothing())
      .execute();
}
