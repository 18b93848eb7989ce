import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeRole, roleDetails } from "./role.ts";

export const listEnvironmentRoles = defineTool({
  name: "list_environment_roles",
  title: "List environment roles",
  description: "Lists the roles that users of all organizations may have.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  output: z.object({ roles: z.array(roleDetails) }),
  examples: [
    {
      title: "All roles",
      input: { environment_id: SAMPLE.environmentId },
      output: {
        roles: [
          {
            role_id: SAMPLE.roleId,
            name: "billing_admin",
            display_name: "Billing admin",
            description: null,
            scopes: ["invoice:read"],
            is_default: false,
            version: 1,
          },
        ],
      },
    },
  ],
  async run({ environment_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const rows = await context.db
      .selectFrom("environment_role")
      .selectAll()
      .where("owner_id", "=", environment_id)
      .where("deleted_at", "is", null)
      .orderBy("name")
      .execute();
    return { roles: rows.map(describeRole) };
  },
});
