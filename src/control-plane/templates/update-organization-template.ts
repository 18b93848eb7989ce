import * as z from "zod";
import { defineTool, isUniqueViolation } from "../../index.ts";
import { description, displayName, environmentId, expectedVersion, templateId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type TemplateRow } from "../tables/index.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import { parts, refuseShape, requireTemplate, shapeOf, TEMPLATE_TAKEN, withParts } from "./template.ts";

export const updateOrganizationTemplate = defineTool({
  name: "update_organization_template",
  title: "Update organization template",
  description: "Changes a template; a part that is sent replaces all of it. Organizations follow when reconciled.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    template_id: templateId,
    name: displayName().optional(),
    description,
    roles: parts.roles.optional(),
    scopes: parts.scopes.optional(),
    features: parts.features.optional(),
    connection_ids: parts.connection_ids.optional(),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Other features",
      input: { environment_id: SAMPLE.environmentId, template_id: SAMPLE.templateId, features: ["sso", "dir_sync"] },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, template_id, expected_version, ...sent }, context) {
    const row = await requireTemplate(context, { environment_id, template_id });
    if (!("id" in row)) return row;
    const wanted = given(sent);
    if (Object.keys(wanted).length === 0) return NOTHING_SENT;
    const stale = refuseStale(revisionOf(row), expected_version, wanted);
    if (stale !== undefined) return stale;
    const { name = row.name, description = row.description, ...sentParts } = wanted;
    const shape = withParts(shapeOf(row), sentParts);
    const unfit = await refuseShape(context.db, environment_id, shape);
    if (unfit !== undefined) return unfit;
    try {
      const written = await context.db
        .updateTable("organization_template")
        .set({ name, description, definition: JSON.stringify(shape), version: row.version + 1 })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .where("deleted_at", "is", null)
        .returning("version")
        .executeTakeFirst();
      if (written !== undefined) return { version: written.version };
    } catch (error) {
      if (isUniqueViolation(error)) return TEMPLATE_TAKEN;
      throw error;
    }
    const now = await requireTemplate(context, { environment_id, template_id });
    return "id" in now ? changedMeanwhile(revisionOf(now), wanted) : now;
  },
});

function revisionOf(row: TemplateRow) {
  const { roles, scopes, features, connection_ids } = shapeOf(row);
  const { name, description, version } = row;
  return { version, values: { name, description, roles, scopes, features: Object.keys(features), connection_ids } };
}
