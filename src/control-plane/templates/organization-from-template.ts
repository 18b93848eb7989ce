import * as z from "zod";
import { defineTool } from "../../index.ts";
import { insertOrganization, newOrganization } from "../organizations/index.ts";
import { displayName, environmentId, externalId, templateId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { differenceList, shownDifferences } from "./difference-list.ts";
import { differences, EMPTY } from "./shape.ts";
import { refuseShape, requireTemplate, shapeOf } from "./template.ts";
import { writeShape } from "./write-shape.ts";

export const previewOrganizationFromTemplate = defineTool({
  name: "preview_organization_from_template",
  title: "Preview organization from template",
  description: "Shows what an organization made from a template would get.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, template_id: templateId }),
  output: z.object({ creates: differenceList }),
  examples: [
    {
      title: "Look before making one",
      input: { environment_id: SAMPLE.environmentId, template_id: SAMPLE.templateId },
      output: { creates: [{ part: "feature", name: "sso", change: "create", after: { enabled: true } }] },
    },
  ],
  async run(ids, context) {
    const row = await requireTemplate(context, ids);
    if (!("id" in row)) return row;
    const shape = shapeOf(row);
    return (await refuseShape(context.db, row.environment_id, shape)) ?? { creates: shownDifferences(differences(EMPTY, shape)) };
  },
});

export const createOrganizationFromTemplate = defineTool({
  name: "create_organization_from_template",
  title: "Create organization from template",
  description: "Sets up a customer with all that a template says. With external_id, repeating the call is safe.",
  scopes: ["org:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    template_id: templateId,
    name: displayName(),
    external_id: externalId.optional(),
  }),
  output: z.object({ organization_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "A new customer",
      input: { environment_id: SAMPLE.environmentId, template_id: SAMPLE.templateId, name: "Globex" },
      output: { organization_id: SAMPLE.organizationId, version: 2 },
    },
  ],
  async run({ template_id, environment_id, name, external_id = null }, context) {
    const template = await requireTemplate(context, { environment_id, template_id });
    if (!("id" in template)) return template;
    const shape = shapeOf(template);
    const unfit = await refuseShape(context.db, environment_id, shape);
    if (unfit !== undefined) return unfit;
    const organization = { ...newOrganization(context, { environment_id, name, external_id }), template_id: template.id };
    return context.db.transaction().execute(async (trx) => {
      const taken = await insertOrganization(trx, organization);
      if (taken !== undefined) return taken;
      await writeShape(trx, context, { organization, shape, template_version: template.version });
      return { organization_id: organization.id, version: organization.version + 1 };
    });
  },
});
