import * as z from "zod";
import { toolError } from "../../index.ts";
import type { OrganizationRow } from "./organization-tables.ts";

/** The same answer for an id of another workspace or environment, a deleted one and one that never was. */
export const NO_SUCH_ORGANIZATION = toolError(
  "There is no organization with this organization_id in this environment. list_organizations shows those that exist.",
);

/** An organization as a list shows it. */
export const organizationSummary = z.object({
  organization_id: z.string(),
  name: z.string(),
  external_id: z.string().nullable(),
  created_at: z.string().describe("ISO 8601."),
});

/** All about an organization. */
export const organizationDetails = organizationSummary.extend({
  environment_id: z.string(),
  version: z.number().int().describe("Grows by one with each change."),
});

type Summary = Pick<OrganizationRow, "id" | "name" | "external_id" | "created_at">;

export function summarizeOrganization({ id, name, external_id, created_at }: Summary) {
  return { organization_id: id, name, external_id, created_at: new Date(created_at).toISOString() };
}

export function describeOrganization(row: OrganizationRow) {
  return { ...summarizeOrganization(row), environment_id: row.environment_id, version: row.version };
}
