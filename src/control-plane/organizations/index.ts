import { createOrganization } from "./create-organization.ts";
import { deleteOrganization } from "./delete-organization.ts";
import { getOrganizationDetails } from "./get-organization-details.ts";
import { listOrganizations } from "./list-organizations.ts";
import { searchOrganizations } from "./search-organizations.ts";
import { updateOrganization } from "./update-organization.ts";
import { updateOrganizationSettings } from "./update-organization-settings.ts";

export { insertOrganization, newOrganization } from "./create-organization.ts";
export { featuresOf } from "./organization.ts";
export { writeFeatures } from "./write-features.ts";

export const organizationTools = [
  listOrganizations,
  searchOrganizations,
  getOrganizationDetails,
  createOrganization,
  updateOrganization,
  updateOrganizationSettings,
  deleteOrganization,
];
