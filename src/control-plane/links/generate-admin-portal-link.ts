import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { createLink } from "./links.ts";

const TTL_SECONDS = 86_400;

export const generateAdminPortalLink = defineTool({
  name: "generate_admin_portal_link",
  title: "Generate admin portal link",
  description: "Makes a link, good once for a day, with which the customer edits the organization's settings.",
  scopes: ["org:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  output: z.object({ url: z.string(), expires_at: z.string() }),
  examples: [
    {
      title: "A link for a customer",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
      output: { url: "https://mcp.example.com/links/3q2-7wXbB0…", expires_at: "2026-03-15T10:30:00.000Z" },
    },
  ],
  async run(ids, context) {
    const row = await requireOrganization(context, ids);
    if (!("id" in row)) return row;
    const data = { organization_id: row.id };
    return createLink(context, { kind: "admin_portal", environment_id: row.environment_id, data, ttlSeconds: TTL_SECONDS });
  },
});
