import assert from "node:assert/strict";
import { test } from "node:test";
import { controlPlane } from "../../src/control-plane/index.ts";
import { createRegistry, type JsonSchema } from "../../src/tool/index.ts";

const registry = createRegistry(controlPlane);
const tools = [...registry.tools.values()];
const SNAKE_CASE = /^[a-z]+(_[a-z]+)*$/;

function propertiesOf(schema: JsonSchema | undefined): [string, JsonSchema][] {
  return Object.entries((schema?.["properties"] ?? {}) as Record<string, JsonSchema>);
}

/** Every name of a property anywhere in a schema. */
function allNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = propertiesOf(schema as JsonSchema).map(([name]) => name);
  return [...own, ...Object.values(schema).flatMap(allNames)];
}

/** The tools of the system that this one is to be usable in the place of. */
const SEED = `list_environments get_environment_details get_environment_credentials list_environment_roles create_environment_role
  list_environment_scopes create_environment_scope list_redirect_uris add_redirect_uri remove_redirect_uri set_initiate_login_uri
  remove_initiate_login_uri add_post_logout_redirect_uri remove_post_logout_redirect_uri list_environment_connections
  enable_environment_connection list_connected_accounts create_connected_account_magic_link list_mcp_servers register_mcp_server
  update_mcp_server switch_mcp_auth list_organizations get_organization_details create_organization generate_admin_portal_link
  create_organization_user list_organization_users update_organization_settings list_organization_connections list_workspace_members
  invite_workspace_member search_docs`.split(/\s+/);

const AREAS = ["wks", "env", "org"] as const;

/** What goes beyond it. */
const MORE = `whoami list_scopes explain_access update_workspace_member_role remove_workspace_member create_environment update_environment
  delete_environment update_environment_role delete_environment_role update_environment_scope delete_environment_scope create_connection
  test_connection search_organizations update_organization delete_organization search_users update_organization_user
  delete_organization_user list_organization_templates get_organization_template create_organization_template
  update_organization_template delete_organization_template preview_organization_from_template create_organization_from_template
  get_template_drift reconcile_organization undo_change search_audit explain_decision list_failures get_usage`.split(/\s+/);

test("the control plane has all tools and scopes under the names that are relied on", () => {
  assert.equal(SEED.length, 33);
  assert.deepEqual([...registry.tools.keys()].toSorted(), [...SEED, ...MORE].toSorted());
  assert.deepEqual(
    new Set(registry.scopes.names),
    new Set([...AREAS.flatMap((area) => [`${area}:read`, `${area}:write`]), "docs:read", "change:undo", "audit:read", "usage:read"]),
  );
});

test("what may lose something says what it would change, and can be undone for a day", () => {
  const destructive = tools.filter(({ effect }) => effect === "destructive");
  assert.ok(destructive.every(({ tool }) => tool.plan !== undefined && tool.undo?.windowSeconds === 86_400));
  const named = tools.filter(({ name }) => /^(delete|remove|reconcile|switch)_/.test(name));
  assert.deepEqual(destructive.map(({ name }) => name).toSorted(), named.map(({ name }) => name).toSorted());
});

test("the baseline scopes only look, and each write scope includes its read scope", () => {
  for (const name of registry.scopes.baseline) assert.equal(registry.scopes.declarations[name]?.access, "read");
  for (const area of ["wks", "env", "org"]) assert.ok(registry.scopes.parse(`${area}:write`).held.has(`${area}:read`));
});

test("every tool takes an object and has an example; what it answers is an object or a sentence", () => {
  for (const { name, tool, input, output, effect } of tools) {
    assert.equal(input.schema["type"], "object", name);
    if (output === undefined) assert.notEqual(effect, "read", name);
    else {
      assert.equal(output.schema["type"], "object", name);
      assert.ok(
        tool.examples.some((example) => example.output !== undefined),
        name,
      );
    }
  }
});

/** Names that say all there is to say. Every word of a schema is paid for by each who lists the tools. */
const PLAIN = `name display_name description slug kind page_size cursor expected_version client_id entity_id issuer sso_url provider uri url
  role email decision tool agent arguments scopes`.split(/\s+/);

test("every parameter is in snake case, described unless its name says all, and none has a format that clients refuse", () => {
  for (const { name, input } of tools) {
    for (const [parameter, schema] of propertiesOf(input.schema)) {
      assert.match(parameter, SNAKE_CASE, name);
      const isPlain = PLAIN.includes(parameter) || parameter.endsWith("_id");
      assert.ok(isPlain || typeof schema["description"] === "string", `${name}.${parameter} has no description`);
    }
    assert.ok(!JSON.stringify(input.schema).includes('"format"'), name);
  }
});

test("one thing has one name: no two tools describe a parameter of the same name differently in kind", () => {
  const types = new Map<string, unknown>();
  for (const { name, input } of tools) {
    for (const [parameter, { type }] of propertiesOf(input.schema)) {
      assert.equal(types.get(parameter) ?? type, type, `${name}.${parameter}`);
      types.set(parameter, type);
    }
  }
});

test("texts name only tools and parameters that exist", () => {
  for (const { name, definition, input, output } of tools) {
    const known = new Set([...registry.tools.keys(), ...allNames(input.schema), ...allNames(output?.schema)]);
    JSON.stringify(definition, (key, value: unknown) => {
      if (key === "enum" && Array.isArray(value)) for (const one of value) known.add(String(one));
      return value;
    });
    const texts = JSON.stringify(definition, (key, value) => (key === "name" || key === "required" ? undefined : value));
    for (const [word] of texts.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)) assert.ok(known.has(word), `${name} speaks of "${word}"`);
  }
});
