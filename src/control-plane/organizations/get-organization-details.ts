import * as z from "zod";
import { defineTool } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT } from "../environments/index.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { describeOrganization, NO_SUCH_ORGANIZATION, organizationDetails } from "./organization.ts";
import { organizationTables } from "./organization-tables.ts";

export const getOrganizationDetails = defineTool({
  name: "get_organization_details",
  title: "Get organization details",
  description: "Gets one organization of an environment by its id: name, external id, when it was created and its version.",
  scopes: ["org:read"],
  effect: "read",
  tables: organizationTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  output: organizationDetails,
  examples: [
    {
      title: "Look at one organization",
      input: { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e", organization_id: "org_8e0a2c4f6b1d3e5a7c9f0b2d4e6a8c1f" },
      output: {
        organization_id: "org_8e0a2c4f6b1d3e5a7c9f0b2d4e6a8c1f",
        name: "Globex",
        external_id: "crm-1042",
        created_at: "2026-03-14T10:30:00.000Z",
        environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e",
        version: 1,
      },
    },
  ],
  async run({ environment_id, organization_id }, context) {
    if ((await findEnvironment(context, environment_id)) === undefined) return NO_SUCH_ENVIRONMENT;
    const row = await context.db
      .selectFrom("organization")
      .selectAll()
      .where("workspace_id", "=", context.caller.workspaceId)
      .where("environment_id", "=", environment_id)
      .where("id", "=", organization_id)
      .executeTakeFirst();
    return row === undefined ? NO_SUCH_ORGANIZATION : describeOrganization(row);
  },
});
