/** The tools that Remit ships with, declared on the public surface alone, as anybody's tools would be. */
import { environmentTools } from "./environments/index.ts";
import { organizationTools } from "./organizations/index.ts";
import { scopeTools } from "./permissions/index.ts";
import { roleTools } from "./roles/index.ts";
import { scopes } from "./scopes.ts";
import { uriTools } from "./uris/index.ts";
import { workspaceTools } from "./workspace/index.ts";

export type { ControlPlaneTables, OrganizationRow } from "./tables/index.ts";
export { seedDemo } from "./seed-demo.ts";

/** Spread into `createServer`. */
export const controlPlane = {
  instructions:
    "You manage one workspace: its members, its environments, and the organizations (customers) in each environment. Start with whoami, then list_environments; ids come from the lists.",
  scopes,
  tools: [...workspaceTools, ...environmentTools, ...roleTools, ...scopeTools, ...uriTools, ...organizationTools],
};
