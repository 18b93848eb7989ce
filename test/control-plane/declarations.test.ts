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

test("the control plane has its eight tools and six scopes, under the names that are relied on", () => {
  assert.deepEqual(
    [...registry.tools.keys()],
    [
      "whoami",
      "list_workspace_members",
      "list_environments",
      "get_environment_details",
      "create_environment",
      "list_organizations",
      "get_organization_details",
      "create_organization",
    ],
  );
  assert.deepEqual(registry.scopes.names, ["wks:read", "wks:write", "env:read", "env:write", "org:read", "org:write"]);
});

test("the baseline scopes only look, and each write scope includes its read scope", () => {
  for (const name of registry.scopes.baseline) assert.equal(registry.scopes.declarations[name]?.access, "read");
  for (const area of ["wks", "env", "org"]) assert.ok(registry.scopes.parse(`${area}:write`).held.has(`${area}:read`));
});

test("every tool takes and answers an object, and has an example with its output", () => {
  for (const { name, tool, input, output } of tools) {
    assert.equal(input.schema["type"], "object", name);
    assert.equal(output?.schema["type"], "object", name);
    assert.ok(
      tool.examples.some((example) => example.output !== undefined),
      name,
    );
  }
});

test("every parameter is in snake case and described, and none has a format that clients refuse", () => {
  for (const { name, input } of tools) {
    for (const [parameter, schema] of propertiesOf(input.schema)) {
      assert.match(parameter, SNAKE_CASE, name);
      const { description } = schema;
      assert.ok(typeof description === "string" && description.length > 10, `${name}.${parameter} has no description`);
    }
    assert.ok(!JSON.stringify(input.schema).includes('"format"'), name);
  }
});

test("texts name only tools and parameters that exist", () => {
  for (const { name, definition, input, output } of tools) {
    const known = new Set([...registry.tools.keys(), ...allNames(input.schema), ...allNames(output?.schema)]);
    const texts = JSON.stringify(definition, (key, value) => (key === "name" || key === "required" ? undefined : value));
    for (const [word] of texts.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)) assert.ok(known.has(word), `${name} speaks of "${word}"`);
  }
});

test("the whole list of tools stays below 5,000 tokens, at four characters a token", () => {
  const tokens = JSON.stringify(tools.map(({ definition }) => definition)).length / 4;
  assert.ok(tokens < 5_000, `${tokens} tokens`);
});
