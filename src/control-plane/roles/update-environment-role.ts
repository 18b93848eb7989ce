import * as z from "zod";
import { defineTool, isUniqueViolation } from "../../index.ts";
import { refuseEnvironment, type Db } from "../access.ts";
import { description, displayName, environmentId, expectedVersion, roleId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type RoleRow } from "../tables/index.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import {
  clearDefault,
  describeRole,
  findRole,
  NO_SUCH_ROLE,
  refuseUnknownScopes,
  ROLE_TAKEN,
  roleName,
  roleScopes,
  scopesJson,
} from "./role.ts";

export const updateEnvironmentRole = defineTool({
  name: "update_environment_role",
  title: "Update environment role",
  description: "Changes a role; users who have it keep it. scopes replaces all that it held.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    role_id: roleId,
    name: roleName.optional(),
    display_name: displayName().optional(),
    description,
    scopes: roleScopes.optional(),
    is_default: z.boolean().optional().describe("Given to new users without a role."),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Other scopes",
      input: { environment_id: SAMPLE.environmentId, role_id: SAMPLE.roleId, scopes: ["invoice:read", "invoice:write"] },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, role_id, expected_version, ...sent }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const wanted = given(sent);
    const row = await findRole(context.db, environment_id, role_id);
    if (row === undefined) return NO_SUCH_ROLE;
    if (Object.keys(wanted).length === 0) return NOTHING_SENT;
    const stale = refuseStale({ version: row.version, values: describeRole(row) }, expected_version, wanted);
    if (stale !== undefined) return stale;
    const unknown = await refuseUnknownScopes(context.db, [environment_id], wanted.scopes ?? []);
    if (unknown !== undefined) return unknown;
    try {
      const version = await context.db.transaction().execute(async (trx) => writeRole(trx, row, wanted));
      if (version !== undefined) return { version };
    } catch (error) {
      if (isUniqueViolation(error)) return ROLE_TAKEN;
      throw error;
    }
    const now = await findRole(context.db, environment_id, role_id);
    return now === undefined ? NO_SUCH_ROLE : changedMeanwhile({ version: now.version, values: describeRole(now) }, wanted);
  },
});

interface Wanted {
  readonly name?: string | undefined;
  readonly display_name?: string | undefined;
  readonly description?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly is_default?: boolean | undefined;
}

/** The new version; undefined when the role is no longer as given. */
async function writeRole(trx: Db, row: RoleRow, { scopes, is_default, ...rest }: Wanted): Promise<number | undefined> {
  if (is_default === true && row.is_default === 0) await clearDefault(trx, row.owner_id);
  const written = await trx
    .updateTable("environment_role")
    .set({
      ...rest,
      ...(scopes === undefined ? {} : { scopes: scopesJson(scopes) }),
      ...(is_default === undefined ? {} : { is_default: is_default ? 1 : 0 }),
      version: row.version + 1,
    })
    .where("id", "=", row.id)
    .where("version", "=", row.version)
    .where("deleted_at", "is", null)
    .returning("version")
    .executeTakeFirst();
  return written?.version;
}
