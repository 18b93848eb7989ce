/** Seven tools whose descriptions no longer fit their schemas, each in the way that a real server's did. */
import type { Entry } from "./tools.ts";

const text = { type: "string" };
const environmentId = { type: "string", pattern: "^env_\\w+$" };

interface Drift {
  readonly name: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly optional?: readonly string[];
  /** What has to be found. */
  readonly rule: string;
  readonly says: RegExp;
}

const server = {
  name: text,
  mcpServerUrl: text,
  accessTokenExpiry: { type: "integer" },
  useScalekitAuthentication: { type: "boolean" },
};

export const DRIFTS: readonly Drift[] = [
  {
    name: "enable_environment_connection",
    description: "Enables a connection of an environment for sign-in. Takes environmentId and connectionId, both of which are required.",
    properties: { environmentId, connection_id: text },
    rule: "desc-unknown-parameter",
    says: /connectionId.*connection_id/,
  },
  {
    name: "register_mcp_server",
    description:
      "Registers an MCP server in an environment. The name and url parameters are required, and mcpServerUrl is where it is reached.",
    properties: { environmentId, ...server },
    rule: "desc-unknown-parameter",
    says: /"url".*mcpServerUrl/,
  },
  {
    name: "create_mcp_server_token",
    description: "Sets how long tokens of an MCP server live. Pass access_token_expiry in seconds together with environmentId.",
    properties: { environmentId, accessTokenExpiry: { type: "integer" } },
    rule: "desc-unknown-parameter",
    says: /access_token_expiry.*accessTokenExpiry/,
  },
  {
    name: "update_mcp_server",
    description: "Updates an MCP server of an environment. Set use_scalekit_authentication to false to use a provider of your own.",
    properties: { environmentId, id: text, ...server },
    optional: ["name", "mcpServerUrl", "accessTokenExpiry"],
    rule: "desc-unknown-parameter",
    says: /use_scalekit_authentication.*useScalekitAuthentication/,
  },
  {
    name: "update_organization_settings",
    description: "Updates the settings of an organization. Use the feature parameter to turn parts of it on or off.",
    properties: {
      environmentId,
      organizationId: text,
      features: { type: "array", items: { type: "object", properties: { name: text, enabled: { type: "boolean" } } } },
    },
    rule: "desc-unknown-parameter",
    says: /"feature".*features/,
  },
  {
    name: "create_environment_role",
    description: "Creates a role in an environment. Needs environmentId, roleName and displayName; isDefault gives it to new users.",
    properties: { environmentId, roleName: text, roleDisplayName: text, description: text, isDefault: { type: "boolean" } },
    optional: ["description", "isDefault"],
    rule: "desc-unknown-parameter",
    says: /displayName.*roleDisplayName/,
  },
  {
    name: "create_organization",
    description: "Creates an organization in an environment of your workspace, which is given by its environmentId.",
    properties: { environmentId, organizationName: text },
    rule: "desc-omits-required",
    says: /organizationName/,
  },
];

export const seedTools: readonly Entry[] = DRIFTS.map(({ name, description, properties, optional = [] }) => ({
  name,
  description,
  inputSchema: { type: "object", properties, required: Object.keys(properties).filter((each) => !optional.includes(each)) },
}));

/** The same tools with descriptions that fit. */
export const mendedTools: readonly Entry[] = seedTools.map((tool, i) => {
  const names = Object.keys(DRIFTS[i]?.properties ?? {});
  return { ...tool, description: `Does what its name says, with these parameters: ${names.map((name) => `\`${name}\``).join(", ")}.` };
});
