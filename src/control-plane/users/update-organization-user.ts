import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { displayName, environmentId, expectedVersion, organizationId, userId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { indexWords } from "../search/index.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import { findUser, NO_SUCH_USER, roleIdOf, summarizeUser, userRole } from "./user.ts";

export const updateOrganizationUser = defineTool({
  name: "update_organization_user",
  title: "Update organization user",
  description: "Changes the name or role of a user of an organization.",
  scopes: ["org:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    organization_id: organizationId,
    user_id: userId,
    name: displayName().optional(),
    role: userRole.optional(),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Another role",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId, user_id: SAMPLE.userId, role: "viewer" },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, organization_id, user_id, expected_version, ...sent }, context) {
    const organization = await requireOrganization(context, { environment_id, organization_id });
    if (!("id" in organization)) return organization;
    const { db } = context;
    const row = await findUser(db, organization.id, user_id);
    if (row === undefined) return NO_SUCH_USER;
    const wanted = given(sent);
    if (Object.keys(wanted).length === 0) return NOTHING_SENT;
    const stale = refuseStale({ version: row.version, values: summarizeUser(row) }, expected_version, wanted);
    if (stale !== undefined) return stale;
    const { name = row.name, role } = wanted;
    const role_id = role === undefined ? row.role_id : await roleIdOf(db, organization, role);
    if (role_id !== null && typeof role_id !== "string") return role_id;
    const version = await db.transaction().execute(async (trx) => {
      const written = await trx
        .updateTable("organization_user")
        .set({ name, role_id, version: row.version + 1 })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .returning("version")
        .executeTakeFirst();
      const { workspace_id, id: resource_id } = row;
      if (written !== undefined) await indexWords(trx, { workspace_id, environment_id, kind: "user", resource_id }, [row.email, name]);
      return written?.version;
    });
    if (version !== undefined) return { version };
    const now = await findUser(db, organization.id, user_id);
    return now === undefined ? NO_SUCH_USER : changedMeanwhile({ version: now.version, values: summarizeUser(now) }, wanted);
  },
});
