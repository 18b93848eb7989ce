import { createOrganization } from "./create-organization.ts";
import { getOrganizationDetails } from "./get-organization-details.ts";
import { listOrganizations } from "./list-organizations.ts";

export type { OrganizationRow, OrganizationTables } from "./organization-tables.ts";

export const organizationTools = [listOrganizations, getOrganizationDetails, createOrganization];
