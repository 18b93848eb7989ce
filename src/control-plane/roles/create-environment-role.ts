import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment, type Context, type Db } from "../access.ts";
import { newId } from "../new-id.ts";
import { description, displayName, environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type RoleRow } from "../tables/index.ts";
import { clearDefault, refuseUnknownScopes, ROLE_TAKEN, roleName, roleScopes, scopesJson } from "./role.ts";

const MAX_ROLES = 100;
const TOO_MANY = toolError(`An environment has at most ${MAX_ROLES} roles. Delete one that nobody needs.`);

export const createEnvironmentRole = defineTool({
  name: "create_environment_role",
  title: "Create environment role",
  description: "Creates a role that users of all organizations in an environment may have.",
  scopes: ["env:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    name: roleName,
    display_name: displayName(),
    description,
    scopes: roleScopes.default([]),
    is_default: z.boolean().default(false).describe("Given to new users without a role."),
  }),
  output: z.object({ role_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "A role with one scope",
      input: { environment_id: SAMPLE.environmentId, name: "billing_admin", display_name: "Billing admin", scopes: ["invoice:read"] },
      output: { role_id: SAMPLE.roleId, version: 1 },
    },
  ],
  async run({ environment_id, scopes, is_default, ...rest }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    return context.db.transaction().execute(async (trx) => {
      const unknown = await refuseUnknownScopes(trx, [environment_id], scopes);
      if (unknown !== undefined) return unknown;
      if ((await countRoles(trx, environment_id)) >= MAX_ROLES) return TOO_MANY;
      if (is_default) await clearDefault(trx, environment_id);
      const row = newRole(context, { environment_id, organization_id: null, ...rest, scopes, is_default });
      const created = await trx
        .insertInto("environment_role")
        .values(row)
        .onConflict((conflict) => conflict.columns(["owner_id", "name"]).where("deleted_at", "is", null).doNothing())
        .returning("id")
        .executeTakeFirst();
      return created === undefined ? ROLE_TAKEN : { role_id: row.id, version: 1 };
    });
  },
});

async function countRoles(db: Db, ownerId: string): Promise<number> {
  const roles = db.selectFrom("environment_role").where("owner_id", "=", ownerId).where("deleted_at", "is", null);
  return (await roles.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow()).count;
}

interface NewRole extends Pick<RoleRow, "environment_id" | "organization_id" | "name" | "display_name"> {
  readonly description?: string | null | undefined;
  readonly scopes: readonly string[];
  readonly is_default: boolean;
}

export function newRole({ caller, now }: Pick<Context, "caller" | "now">, given: NewRole): RoleRow {
  const { environment_id, organization_id, description = null, scopes, is_default } = given;
  return {
    ...given,
    id: newId("rol"),
    workspace_id: caller.workspaceId,
    owner_id: organization_id ?? environment_id,
    description,
    scopes: scopesJson(scopes),
    is_default: is_default ? 1 : 0,
    created_at: now(),
    version: 1,
    deleted_at: null,
  };
}
