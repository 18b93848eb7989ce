/** The tools that Remit ships with, declared on the public surface alone, as anybody's tools would be. */
import { accountTools } from "./accounts/index.ts";
import { connectionTools } from "./connections/index.ts";
import { docTools } from "./docs/index.ts";
import { environmentTools } from "./environments/index.ts";
import { evidenceTools } from "./evidence/index.ts";
import { confirmLink, findLink, linkTools } from "./links/index.ts";
import { mcpServerTools } from "./mcp-servers/index.ts";
import { organizationTools } from "./organizations/index.ts";
import { scopeTools } from "./permissions/index.ts";
import { roleTools } from "./roles/index.ts";
import { scopes } from "./scopes.ts";
import { skills } from "./skills/index.ts";
import { templateTools } from "./templates/index.ts";
import { uriTools } from "./uris/index.ts";
import { apps, usageTools } from "./usage/index.ts";
import { userTools } from "./users/index.ts";
import { workspaceTools } from "./workspace/index.ts";

export type * from "./tables/index.ts";
export { seedDemo } from "./seed-demo.ts";

/** Spread into `createServer`. */
export const controlPlane = {
  instructions:
    "You manage one workspace: its members, its environments, and the organizations (customers) in each environment with their users. Start with whoami, then list_environments; ids come from the lists. explain_access tells what you may do and what you would need.",
  scopes,
  skills,
  apps,
  links: { find: findLink, confirm: confirmLink },
  lint: [
    {
      rule: "scope-wide",
      scope: "env:read",
      reason: "The names of these scopes are relied on; to look at one part of an environment is to look at all.",
    },
    {
      rule: "scope-wide",
      scope: "env:write",
      reason: "The names of these scopes are relied on; policy rules narrow them by tool where it matters.",
    },
    {
      rule: "param-open-object",
      tool: "explain_decision",
      parameter: "arguments",
      reason: "The arguments of whichever tool the call is about, so its schema is that tool's.",
    },
  ],
  tools: [
    ...workspaceTools,
    ...docTools,
    ...evidenceTools,
    ...usageTools,
    ...environmentTools,
    ...roleTools,
    ...scopeTools,
    ...uriTools,
    ...connectionTools,
    ...accountTools,
    ...mcpServerTools,
    ...organizationTools,
    ...linkTools,
    ...userTools,
    ...templateTools,
  ],
};
