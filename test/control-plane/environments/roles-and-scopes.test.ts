import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addEnvironment, rowsOf } from "../support/workspaces.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  let count = 0;
  const env = async () => addEnvironment(rowsOf(harness.store), world.own.id, `roles-${++count}`);
  return { ...world, env };
});

test("a role holds scopes of its environment, and is listed with them", async ({ ok, env }) => {
  const environment_id = await env();
  const { scope_id } = await ok("create_environment_scope", { environment_id, name: "invoice:read", description: "See invoices." });
  const { role_id, version } = await ok("create_environment_role", {
    environment_id,
    name: "billing_admin",
    display_name: "Billing admin",
    scopes: ["invoice:read"],
  });
  assert.equal(version, 1);
  const { scopes } = await ok("list_environment_scopes", { environment_id });
  assert.deepEqual(scopes, [{ scope_id, name: "invoice:read", description: "See invoices.", version: 1 }]);
  const { roles } = await ok("list_environment_roles", { environment_id });
  const shown = { display_name: "Billing admin", description: null, scopes: ["invoice:read"], is_default: false, version: 1 };
  assert.deepEqual(roles, [{ role_id, name: "billing_admin", ...shown }]);
});

test("names of roles and scopes are taken once, and a role holds only scopes that exist", async ({ ok, refused, env }) => {
  const environment_id = await env();
  const scope = { environment_id, name: "a:b" };
  await ok("create_environment_scope", { ...scope, description: "One." });
  assert.match(await refused("create_environment_scope", { ...scope, description: "Two." }), /scope with this name exists/);
  const role = { environment_id, name: "r" };
  await ok("create_environment_role", { ...role, display_name: "One" });
  assert.match(await refused("create_environment_role", { ...role, display_name: "Two" }), /role with this name exists/);
  const unknown = { environment_id, name: "s", display_name: "S", scopes: ["a:b", "c:d"] };
  assert.match(await refused("create_environment_role", unknown), /There is no scope c:d/);
});

test("of roles made the default one after the other, only the last is", async ({ ok, env }) => {
  const environment_id = await env();
  for (const name of ["first", "second"])
    await ok("create_environment_role", { environment_id, name, display_name: name, is_default: true });
  const defaults = async () => {
    const { roles } = await ok("list_environment_roles", { environment_id });
    return (roles as Rows).filter((role) => role["is_default"] === true).map((role) => role["name"]);
  };
  assert.deepEqual(await defaults(), ["second"]);
  const { roles } = await ok("list_environment_roles", { environment_id });
  const first = (roles as Rows).find((role) => role["name"] === "first");
  await ok("update_environment_role", { environment_id, role_id: first?.["role_id"], is_default: true });
  assert.deepEqual(await defaults(), ["first"]);
});

test("update_environment_role replaces scopes, refuses taken names, unknown scopes and stale versions", async ({ ok, refused, env }) => {
  const environment_id = await env();
  await ok("create_environment_scope", { environment_id, name: "a:b" });
  await ok("create_environment_role", { environment_id, name: "taken", display_name: "Taken" });
  const { role_id } = await ok("create_environment_role", { environment_id, name: "mine", display_name: "Mine", scopes: ["a:b"] });
  const role = { environment_id, role_id };
  assert.match(await refused("update_environment_role", { ...role, name: "taken" }), /exists already/);
  assert.match(await refused("update_environment_role", { ...role, scopes: ["x"] }), /There is no scope x/);
  assert.match(await refused("update_environment_role", role), /Nothing was sent/);
  assert.deepEqual(await ok("update_environment_role", { ...role, scopes: [], expected_version: 1 }), { version: 2 });
  const stale = await refused("update_environment_role", { ...role, display_name: "New", expected_version: 1 });
  assert.match(stale, /Its version is 2\. There, display_name is "Mine" and you sent "New"/);
});

test("delete_environment_role says who loses it, and its users have it again when it is undone", async ({ acts, ok, env }) => {
  const environment_id = await env();
  const { role_id } = await ok("create_environment_role", { environment_id, name: "billing", display_name: "Billing" });
  const { organization_id } = await ok("create_organization", { environment_id, name: "Globex" });
  await ok("create_organization_user", { environment_id, organization_id, email: "hank@globex.example", role: "billing" });
  const roleOfUser = async () => {
    const { users } = await ok("list_organization_users", { environment_id, organization_id });
    return (users as Rows)[0]?.["role"];
  };
  const plan = valueOf(await acts.plan("delete_environment_role", { environment_id, role_id }));
  assert.deepEqual([plan.rows, plan.losesAccess], [2, ["hank@globex.example"]]);
  const { answer, data } = await acts.run("delete_environment_role", { environment_id, role_id });
  valueOf(answer);
  assert.equal(await roleOfUser(), null);
  const { role_id: again } = await ok("create_environment_role", { environment_id, name: "billing", display_name: "Again" });
  assert.match(errorOf(await acts.undo("delete_environment_role", data)), /exists already/);
  valueOf((await acts.run("delete_environment_role", { environment_id, role_id: again })).answer);
  valueOf(await acts.undo("delete_environment_role", data));
  assert.equal(await roleOfUser(), "billing");
});

test("a scope is deleted only while no role holds it, and comes back as it was", async ({ acts, ok, env }) => {
  const environment_id = await env();
  const { scope_id } = await ok("create_environment_scope", { environment_id, name: "a:b", description: "First." });
  assert.deepEqual(await ok("update_environment_scope", { environment_id, scope_id, description: "Second." }), { version: 2 });
  const { role_id } = await ok("create_environment_role", { environment_id, name: "holder", display_name: "H", scopes: ["a:b"] });
  const ids = { environment_id, scope_id };
  assert.match(errorOf(await acts.plan("delete_environment_scope", ids)), /while roles hold it: holder/);
  assert.match(errorOf((await acts.run("delete_environment_scope", ids)).answer), /while roles hold it: holder/);
  await ok("update_environment_role", { environment_id, role_id, scopes: [] });
  assert.deepEqual(valueOf(await acts.plan("delete_environment_scope", ids)).versions, { [String(scope_id)]: 2 });
  const { answer, data } = await acts.run("delete_environment_scope", ids);
  valueOf(answer);
  assert.deepEqual(await ok("list_environment_scopes", { environment_id }), { scopes: [] });
  valueOf(await acts.undo("delete_environment_scope", data));
  const { scopes } = await ok("list_environment_scopes", { environment_id });
  assert.deepEqual(scopes, [{ scope_id, name: "a:b", description: "Second.", version: 3 }]);
});
