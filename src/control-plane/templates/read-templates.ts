import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId, plainRows, templateId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { requireTemplate, shapeOf, summarizeTemplate, templateSummary } from "./template.ts";

const shown = { template_id: SAMPLE.templateId, name: "Standard", description: null, version: 1 } as const;

export const listOrganizationTemplates = defineTool({
  name: "list_organization_templates",
  title: "List organization templates",
  description: "Lists the templates from which organizations are made.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  output: z.object({ templates: z.array(templateSummary) }),
  examples: [{ title: "All templates", input: { environment_id: SAMPLE.environmentId }, output: { templates: [shown] } }],
  async run({ environment_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const rows = await context.db
      .selectFrom("organization_template")
      .selectAll()
      .where("environment_id", "=", environment_id)
      .where("deleted_at", "is", null)
      .orderBy("name")
      .execute();
    return { templates: rows.map(summarizeTemplate) };
  },
});

export const getOrganizationTemplate = defineTool({
  name: "get_organization_template",
  title: "Get organization template",
  description: "Gets a template with its roles, scopes, features and connections.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, template_id: templateId }),
  output: templateSummary.extend({
    roles: plainRows,
    scopes: plainRows,
    features: z.array(z.string()),
    connection_ids: z.array(z.string()),
  }),
  examples: [
    {
      title: "Look at one",
      input: { environment_id: SAMPLE.environmentId, template_id: SAMPLE.templateId },
      output: {
        ...shown,
        roles: [{ name: "admin", display_name: "Admin", scopes: ["invoice:read"], is_default: false }],
        scopes: [{ name: "invoice:read", description: null }],
        features: ["sso"],
        connection_ids: [],
      },
    },
  ],
  async run(ids, context) {
    const row = await requireTemplate(context, ids);
    if (!("id" in row)) return row;
    const { roles, scopes, features, connection_ids } = shapeOf(row);
    return {
      ...summarizeTemplate(row),
      roles: roles.map((role) => ({ ...role, scopes: [...role.scopes] })),
      scopes: scopes.map((scope) => ({ ...scope })),
      features: Object.keys(features),
      connection_ids: [...connection_ids],
    };
  },
});
