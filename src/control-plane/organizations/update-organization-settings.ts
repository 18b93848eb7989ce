import * as z from "zod";
import { defineTool } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { environmentId, expectedVersion, features, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { changedMeanwhile, refuseStale } from "../versions.ts";
import { featuresOf } from "./organization.ts";
import { writeFeatures } from "./write-features.ts";

export const updateOrganizationSettings = defineTool({
  name: "update_organization_settings",
  title: "Update organization settings",
  description: "Turns features of an organization on or off, such as sso; returns all.",
  scopes: ["org:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId, features, expected_version: expectedVersion }),
  output: z.object({ features: z.record(z.string(), z.boolean()), version: z.number() }),
  examples: [
    {
      title: "Turn single sign-on on",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId, features: [{ name: "sso", enabled: true }] },
      output: { features: { sso: true }, version: 2 },
    },
  ],
  async run({ features: wanted, expected_version, ...ids }, context) {
    const row = await requireOrganization(context, ids);
    if (!("id" in row)) return row;
    const changes = Object.fromEntries(wanted.map(({ name, enabled }) => [name, enabled]));
    const stale = refuseStale({ version: row.version, values: featuresOf(row) }, expected_version, changes);
    if (stale !== undefined) return stale;
    const written = await writeFeatures(context.db, row, changes);
    if (written !== undefined) return written;
    const now = await requireOrganization(context, ids);
    return "id" in now ? changedMeanwhile({ version: now.version, values: featuresOf(now) }, changes) : now;
  },
});
