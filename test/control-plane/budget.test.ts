import assert from "node:assert/strict";
import { test } from "node:test";
import { authorityOf, isListed, NO_POLICY } from "../../src/call/index.ts";
import { controlPlane } from "../../src/control-plane/index.ts";
import { createRegistry } from "../../src/tool/index.ts";

const registry = createRegistry(controlPlane);
const CHARS_PER_TOKEN = 4;

/** What an agent with these scopes pays to read the whole list of tools. */
function tokensOf(scope: string): number {
  const held = authorityOf(registry.scopes.parse(scope), NO_POLICY);
  const listed = [...registry.tools.values()].filter((tool) => isListed(held, tool));
  assert.ok(listed.length > 10);
  return JSON.stringify({ tools: listed.map(({ definition }) => definition) }).length / CHARS_PER_TOKEN;
}

test("the whole list of tools costs an agent with every scope at most 12,000 tokens", () => {
  const tokens = tokensOf(registry.scopes.names.join(" "));
  assert.ok(tokens <= 12_000, `${tokens} tokens`);
});

test("the whole list of tools costs an agent that only looks at most 5,000 tokens", () => {
  const readers = registry.scopes.names.filter((name) => registry.scopes.declarations[name]?.access === "read");
  const tokens = tokensOf(readers.join(" "));
  assert.ok(tokens <= 5_000, `${tokens} tokens`);
});
