import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addEnvironment, rowsOf } from "../support/workspaces.ts";

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  let count = 0;
  const env = async () => addEnvironment(rowsOf(harness.store), world.own.id, `uris-${++count}`);
  return { ...world, env };
});

const KINDS = [
  ["redirect_uri", "redirect_uris"],
  ["post_logout_redirect_uri", "post_logout_redirect_uris"],
] as const;

for (const [name, member] of KINDS) {
  test(`a ${name} is added once, removed with a plan, and put back`, async ({ acts, ok, env }) => {
    const environment_id = await env();
    const uri = "https://app.example.com/callback?next=1";
    for (let i = 0; i < 2; i++) await ok(`add_${name}`, { environment_id, uri });
    await ok(`add_${name}`, { environment_id, uri: "http://localhost:3000/cb" });
    assert.deepEqual((await ok("list_redirect_uris", { environment_id }))[member], ["http://localhost:3000/cb", uri]);
    const plan = valueOf(await acts.plan(`remove_${name}`, { environment_id, uri }));
    assert.deepEqual(plan.changes[0]?.before, { uri });
    const { answer, data } = await acts.run(`remove_${name}`, { environment_id, uri });
    valueOf(answer);
    assert.deepEqual((await ok("list_redirect_uris", { environment_id }))[member], ["http://localhost:3000/cb"]);
    assert.match(errorOf((await acts.run(`remove_${name}`, { environment_id, uri })).answer), /no such URI/);
    valueOf(await acts.undo(`remove_${name}`, data));
    assert.deepEqual((await ok("list_redirect_uris", { environment_id }))[member], ["http://localhost:3000/cb", uri]);
    assert.match(errorOf(await acts.undo(`remove_${name}`, data)), /in its place by now/);
  });
}

test("the initiate-login URI is one: setting it again replaces it, and removing it can be undone", async ({ acts, ok, env }) => {
  const environment_id = await env();
  const shown = async () => (await ok("list_redirect_uris", { environment_id }))["initiate_login_uri"];
  assert.equal(await shown(), null);
  assert.match(errorOf(await acts.plan("remove_initiate_login_uri", { environment_id })), /no such URI/);
  for (const uri of ["https://a.example/login", "https://b.example/login"]) await ok("set_initiate_login_uri", { environment_id, uri });
  assert.equal(await shown(), "https://b.example/login");
  const { data } = await acts.run("remove_initiate_login_uri", { environment_id });
  assert.equal(await shown(), null);
  valueOf(await acts.undo("remove_initiate_login_uri", data));
  assert.equal(await shown(), "https://b.example/login");
});

test("URIs that a browser should not be sent to are refused", async ({ refused }) => {
  const bad = [
    "javascript:alert(1)",
    "http://app.example.com/cb",
    "https://user:pass@app.example.com/",
    "https://app.example.com/#x",
    "/callback",
    "data:text/html,x",
    "https://app.example.com/ a",
  ];
  for (const uri of bad) assert.match(await refused("add_redirect_uri", { uri }), /\/uri: expected an https URL/, uri);
});
