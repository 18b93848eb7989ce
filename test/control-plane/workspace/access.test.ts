import assert from "node:assert/strict";
import { authorityOf, decide, NO_POLICY } from "../../../src/call/index.ts";
import { acme } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const test = onEachEngine(acme);

test("list_scopes tells every scope, who can grant it, and which are held, included ones too", async ({ own, harness }) => {
  const { value } = await harness.call({ workspaceId: own.id, scope: "wks:read org:write" }, { tool: "list_scopes" });
  const scopes = value["scopes"] as Rows;
  assert.deepEqual(
    scopes.map(({ name }) => name),
    harness.registry.scopes.names,
  );
  const held = scopes.filter((scope) => scope["held"] === true).map(({ name }) => name);
  const { held: expected } = harness.registry.scopes.parse("wks:read org:write");
  assert.ok(expected.has("org:read"));
  assert.deepEqual(new Set(held), expected);
  const roleOf = (name: string) => scopes.find((scope) => scope["name"] === name)?.["role"];
  assert.deepEqual([roleOf("wks:write"), roleOf("org:write"), roleOf("org:read")], ["admin", "member", "viewer"]);
});

test("explain_access says of every tool what the decision says, for several sets of scopes", async ({ own, harness }) => {
  for (const scope of ["wks:read", "wks:read org:write", "wks:write env:write org:write docs:read"]) {
    const { value } = await harness.call({ workspaceId: own.id, scope }, { tool: "explain_access" });
    const held = authorityOf(harness.registry.scopes.parse(scope), NO_POLICY);
    const expected = [...harness.registry.tools.values()].map((target) => {
      const { allowed, rule, missing } = decide(held, target);
      return { tool: target.name, allowed, rule, missing };
    });
    assert.deepEqual(value["tools"], expected);
  }
});

test("explain_access of one tool names what is missing, and a name that there is not is told", async ({ own, harness }) => {
  const ask = (tool: string) => harness.call({ workspaceId: own.id, scope: "wks:read" }, { tool: "explain_access", arguments: { tool } });
  const { value } = await ask("create_organization");
  assert.deepEqual(value["tools"], [{ tool: "create_organization", allowed: false, rule: "scope_missing", missing: ["org:write"] }]);
  assert.match((await ask("no_such_tool")).text, /There is no tool of this name/);
});
