import * as z from "zod";
import { instant } from "../parameters.ts";
import type { OrganizationRow } from "../tables/index.ts";

/** An organization as a list shows it. */
export const organizationSummary = z.object({
  organization_id: z.string(),
  name: z.string(),
  external_id: z.string().nullable(),
  created_at: z.string(),
});

/** All about an organization. */
export const organizationDetails = organizationSummary.extend({
  features: z.record(z.string(), z.boolean()),
  template_id: z.string().nullable(),
  version: z.number(),
});

type Summary = Pick<OrganizationRow, "id" | "name" | "external_id" | "created_at">;

export function summarizeOrganization({ id, name, external_id, created_at }: Summary) {
  return { organization_id: id, name, external_id, created_at: instant(created_at) };
}

export function describeOrganization(row: OrganizationRow) {
  const { template_id, version } = row;
  return { ...summarizeOrganization(row), features: featuresOf(row), template_id, version };
}

export function featuresOf({ features }: Pick<OrganizationRow, "features">): Record<string, boolean> {
  return JSON.parse(features) as Record<string, boolean>;
}
