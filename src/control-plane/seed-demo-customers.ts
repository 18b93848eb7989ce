import type { Db } from "./access.ts";
import { newId } from "./new-id.ts";
import { newRole } from "./roles/index.ts";
import { indexWords } from "./search/index.ts";
import type { Shape } from "./templates/index.ts";

const SCOPES = [
  { name: "invoice:read", description: "See invoices." },
  { name: "invoice:write", description: "Create and change invoices." },
] as const;

const ROLES = [
  { name: "admin", display_name: "Administrator", scopes: ["invoice:read", "invoice:write"], is_default: false },
  { name: "viewer", display_name: "Viewer", scopes: ["invoice:read"], is_default: true },
] as const;

const USERS = [
  { name: "Hank Scorpio", email: "hank@globex.example", role: "admin", at: "Globex" },
  { name: "Frank Grimes", email: "frank@globex.example", role: "viewer", at: "Globex" },
  { name: "Bill Lumbergh", email: "bill@initech.example", role: "admin", at: "Initech" },
  { name: "Milton Waddams", email: "milton@initech.example", role: "viewer", at: "Initech" },
  { name: "Gavin Belson", email: "gavin@hooli.example", role: "admin", at: "Hooli" },
] as const;

/** What organizations made from it are to have beyond what their environment gives all of them. */
const STANDARD: Shape = {
  roles: [{ name: "owner", display_name: "Owner", scopes: ["invoice:read", "invoice:write", "report:read"], is_default: false }],
  scopes: [{ name: "report:read", description: "See reports." }],
  features: { sso: true },
  connection_ids: [],
};

interface Place {
  readonly workspace_id: string;
  readonly environment_id: string;
  readonly created_at: number;
}

/** Roles, scopes, a template and some users for the organizations of one environment, which are found by their names from then on. */
export async function seedCustomers(trx: Db, place: Place): Promise<void> {
  const { workspace_id: workspaceId, environment_id, created_at } = place;
  const caller = { caller: { workspaceId }, now: () => created_at } as Parameters<typeof newRole>[0];
  const shared = { ...place, version: 1 };
  const scopes = SCOPES.map((scope) => ({ ...shared, ...scope, id: newId("scp"), organization_id: null, owner_id: environment_id }));
  await trx.insertInto("environment_scope").values(scopes).execute();
  const roles = ROLES.map((role) => newRole(caller, { environment_id, organization_id: null, ...role }));
  await trx.insertInto("environment_role").values(roles).execute();
  const template = { name: "Standard", description: "For customers with single sign-on.", definition: JSON.stringify(STANDARD) };
  await trx
    .insertInto("organization_template")
    .values({ ...shared, ...template, id: newId("tpl"), deleted_at: null })
    .execute();
  const organizations = await trx.selectFrom("organization").selectAll().where("environment_id", "=", environment_id).execute();
  const found = { workspace_id: workspaceId, environment_id };
  for (const { id, name, external_id } of organizations)
    await indexWords(trx, { ...found, kind: "organization", resource_id: id }, [name, external_id]);
  for (const { name, email, role, at } of USERS) {
    const organization = organizations.find((each) => each.name === at);
    const role_id = roles.find((each) => each.name === role)?.id ?? null;
    if (organization === undefined) continue;
    const user = { ...shared, id: newId("usr"), organization_id: organization.id, email, name, role_id };
    await trx.insertInto("organization_user").values(user).execute();
    await indexWords(trx, { ...found, kind: "user", resource_id: user.id }, [email, name]);
  }
}
