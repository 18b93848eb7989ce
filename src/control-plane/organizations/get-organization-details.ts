import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeOrganization, organizationDetails } from "./organization.ts";

export const getOrganizationDetails = defineTool({
  name: "get_organization_details",
  title: "Get organization details",
  description: "Gets an organization with its features, the template it was made from, and its version.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  output: organizationDetails,
  examples: [
    {
      title: "Look at one organization",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
      output: {
        organization_id: SAMPLE.organizationId,
        name: "Globex",
        external_id: "crm-1042",
        created_at: SAMPLE.at,
        features: { sso: true },
        template_id: SAMPLE.templateId,
        version: 1,
      },
    },
  ],
  async run(ids, context) {
    const row = await requireOrganization(context, ids);
    return "id" in row ? describeOrganization(row) : row;
  },
});
