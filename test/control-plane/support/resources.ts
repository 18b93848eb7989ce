import assert from "node:assert/strict";
import { createId } from "../../../src/lib/id.ts";
import type { Agent, ToolHarness } from "../../support/tool-harness.ts";

/** One of everything in an environment, by the name of the parameter that takes it. */
export interface Resources {
  readonly environment_id: string;
  /** Made from the template, of which it has drifted. */
  readonly organization_id: string;
  readonly role_id: string;
  readonly scope_id: string;
  readonly connection_id: string;
  readonly mcp_server_id: string;
  readonly user_id: string;
  readonly template_id: string;
  readonly uri: string;
}

/** Makes one of everything, with the tools. */
export async function addResources(harness: ToolHarness, agent: Agent, environment_id: string): Promise<Resources> {
  const make = async (tool: string, args: object): Promise<Readonly<Record<string, unknown>>> => {
    const { isError, text, value } = await harness.call(agent, { tool, arguments: { environment_id, ...args } });
    assert.ok(!isError, `${tool}: ${text}`);
    return value;
  };
  const unique = createId("x").slice(2);
  const uri = `https://app.example.com/${unique}`;
  await make("add_redirect_uri", { uri });
  await make("add_post_logout_redirect_uri", { uri });
  await make("set_initiate_login_uri", { uri });
  await make("create_connected_account_magic_link", { identifier: `${unique}@globex.example`, connector: "slack" });
  const { scope_id } = await make("create_environment_scope", { name: `s${unique}` });
  const { role_id } = await make("create_environment_role", { name: `r${unique}`, display_name: "Role" });
  const { connection_id } = await make("create_connection", { name: unique, kind: "social", provider: "github", client_id: "c" });
  const { mcp_server_id } = await make("register_mcp_server", { name: "Server", url: `https://mcp.example.com/${unique}` });
  const parts = { roles: [{ name: "admin", display_name: "Admin" }], features: ["sso"], connection_ids: [connection_id] };
  const { template_id } = await make("create_organization_template", { name: unique, ...parts });
  const { organization_id } = await make("create_organization_from_template", { template_id, name: `Made ${unique}` });
  await make("update_organization_settings", { organization_id, features: [{ name: "sso", enabled: false }] });
  const { user_id } = await make("create_organization_user", { organization_id, email: `${unique}@globex.example`, role: "admin" });
  const ids = { organization_id, role_id, scope_id, connection_id, mcp_server_id, user_id, template_id, environment_id, uri };
  for (const [name, id] of Object.entries(ids)) assert.equal(typeof id, "string", name);
  return ids as Resources;
}
