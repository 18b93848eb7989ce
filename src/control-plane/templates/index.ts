import { createOrganizationTemplate } from "./create-organization-template.ts";
import { deleteOrganizationTemplate } from "./delete-organization-template.ts";
import { createOrganizationFromTemplate, previewOrganizationFromTemplate } from "./organization-from-template.ts";
import { getOrganizationTemplate, listOrganizationTemplates } from "./read-templates.ts";
import { getTemplateDrift, reconcileOrganization } from "./reconcile-organization.ts";
import { updateOrganizationTemplate } from "./update-organization-template.ts";

export type { Shape } from "./shape.ts";

export const templateTools = [
  listOrganizationTemplates,
  getOrganizationTemplate,
  createOrganizationTemplate,
  updateOrganizationTemplate,
  deleteOrganizationTemplate,
  previewOrganizationFromTemplate,
  createOrganizationFromTemplate,
  getTemplateDrift,
  reconcileOrganization,
];
