import { generateAdminPortalLink } from "./generate-admin-portal-link.ts";

export { confirmLink, createLink, findLink, sweepLinks } from "./links.ts";

export const linkTools = [generateAdminPortalLink];
