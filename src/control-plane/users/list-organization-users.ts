import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { orderedById, readPage } from "../paging.ts";
import { environmentId, nextCursor, organizationId, pageParameters } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { selectUsers, summarizeUser, userSummary } from "./user.ts";

export const listOrganizationUsers = defineTool({
  name: "list_organization_users",
  title: "List organization users",
  description: "Lists the users of an organization with their roles.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId, ...pageParameters }),
  output: z.object({ users: z.array(userSummary), next_cursor: nextCursor }),
  examples: [
    {
      title: "The first 20 users",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
      output: {
        users: [{ user_id: SAMPLE.userId, email: "hank@globex.example", name: "Hank Scorpio", role: "billing_admin", version: 1 }],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, organization_id, ...request }, context) {
    const organization = await requireOrganization(context, { environment_id, organization_id });
    if (!("id" in organization)) return organization;
    const users = selectUsers(context.db).where("u.organization_id", "=", organization.id).orderBy("u.id");
    const name = `list_organization_users ${organization.id}`;
    const listing = orderedById(name, (after, limit) => users.where("u.id", ">", after).limit(limit).execute());
    const page = await readPage(context, listing, request);
    return "rows" in page ? { users: page.rows.map(summarizeUser), next_cursor: page.next_cursor } : page;
  },
});
