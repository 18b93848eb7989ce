import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { newId } from "../new-id.ts";
import { displayName, email, environmentId, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { indexWords } from "../search/index.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { defaultRoleId, EMAIL_TAKEN, roleIdOf, userRole } from "./user.ts";

export const createOrganizationUser = defineTool({
  name: "create_organization_user",
  title: "Create organization user",
  description: "Adds a user to an organization, with the default role unless another is given.",
  scopes: ["org:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    organization_id: organizationId,
    email,
    name: displayName().optional(),
    role: userRole.optional(),
  }),
  output: z.object({ user_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "A new user",
      input: {
        environment_id: SAMPLE.environmentId,
        organization_id: SAMPLE.organizationId,
        email: "hank@globex.example",
        role: "billing_admin",
      },
      output: { user_id: SAMPLE.userId, version: 1 },
    },
  ],
  async run({ email, name = null, role, ...ids }, context) {
    const organization = await requireOrganization(context, ids);
    if (!("id" in organization)) return organization;
    const { caller, db, now } = context;
    const role_id = role === undefined ? await defaultRoleId(db, organization) : await roleIdOf(db, organization, role);
    if (role_id !== null && typeof role_id !== "string") return role_id;
    const place = { workspace_id: caller.workspaceId, environment_id: organization.environment_id };
    const row = { id: newId("usr"), ...place, organization_id: organization.id, email, name, role_id, created_at: now(), version: 1 };
    return db.transaction().execute(async (trx) => {
      const created = await trx
        .insertInto("organization_user")
        .values(row)
        .onConflict((conflict) => conflict.columns(["organization_id", "email"]).doNothing())
        .returning("id")
        .executeTakeFirst();
      if (created === undefined) return EMAIL_TAKEN;
      await indexWords(trx, { ...place, kind: "user", resource_id: row.id }, [email, name]);
      return { user_id: row.id, version: 1 };
    });
  },
});
