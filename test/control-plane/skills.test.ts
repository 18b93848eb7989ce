import assert from "node:assert/strict";
import { test } from "node:test";
import { controlPlane } from "../../src/control-plane/index.ts";
import { createRegistry } from "../../src/tool/index.ts";
import { rpc, startServer } from "../support/remit.ts";

test("the skill for setting up an organization names only tools and scopes that there are", () => {
  const registry = createRegistry(controlPlane);
  const parameters = new Set([...registry.tools.values()].flatMap(({ input }) => Object.keys(input.schema["properties"] ?? {})));
  const file = [...registry.resources.values()].find(({ resource }) => resource.uri.endsWith("set-up-organization/SKILL.md"));
  assert.ok(file !== undefined);
  const text = JSON.stringify(controlPlane.skills);
  const words = [...text.matchAll(/\\?`([a-z_:]+)\\?`/g)].map(([, word = ""]) => word);
  assert.ok(words.length > 10);
  for (const word of words) {
    const isKnown = registry.tools.has(word) || parameters.has(word) || registry.scopes.names.includes(word);
    assert.ok(isKnown, word);
  }
});

test("an agent that may read organizations finds the skill and reads it; another is not shown it", async (t) => {
  const server = await startServer(t, controlPlane);
  const token = await server.token("org:read");
  const listed = await rpc(server, token, { method: "skills/list" });
  const [skill] = (listed.body.result?.["skills"] ?? []) as { uri: string }[];
  assert.ok(skill !== undefined, JSON.stringify(listed.body));
  const read = await rpc(server, token, { method: "resources/read", params: { uri: skill.uri } });
  assert.match(JSON.stringify(read.body.result), /preview_organization_from_template/);
  const other = await rpc(server, await server.token("docs:read"), { method: "skills/list" });
  assert.deepEqual(other.body.result?.["skills"], []);
});
