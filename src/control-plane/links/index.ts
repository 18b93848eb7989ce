import { generateAdminPortalLink } from "./generate-admin-portal-link.ts";

export { confirmLink, createLink, findLink } from "./links.ts";

export const linkTools = [generateAdminPortalLink];
