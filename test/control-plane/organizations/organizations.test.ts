import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

const test = onEachEngine(acme);

test("update_organization changes name and external id, and search finds it by the new ones only", async ({ ok }) => {
  const { organization_id } = await ok("create_organization", { name: "Oldname", external_id: "old-1" });
  assert.deepEqual(await ok("update_organization", { organization_id, name: "Newname", external_id: "fresh-1" }), { version: 2 });
  const { name, external_id, version } = await ok("get_organization_details", { organization_id });
  assert.deepEqual([name, external_id, version], ["Newname", "fresh-1", 2]);
  const found = async (query: string) => ((await ok("search_organizations", { query }))["organizations"] as readonly unknown[]).length;
  assert.deepEqual([await found("newna"), await found("fresh"), await found("oldname")], [1, 1, 0]);
});

test("update_organization refuses a taken external id, an unexpected version and an empty change", async ({ ok, refused }) => {
  const first = await ok("create_organization", { name: "First", external_id: "mine-1" });
  const { organization_id } = await ok("create_organization", { name: "Second", external_id: "mine-2" });
  const taken = await refused("update_organization", { organization_id, external_id: "mine-1" });
  assert.ok(taken.endsWith(`Its organization_id is ${String(first["organization_id"])}.`));
  assert.match(await refused("update_organization", { organization_id }), /Nothing was sent/);
  const stale = await refused("update_organization", { organization_id, name: "Third", expected_version: 3 });
  assert.match(stale, /Its version is 1\. There, name is "Second" and you sent "Third"/);
});

test("update_organization_settings turns features on and off and keeps those not named", async ({ ok, refused }) => {
  const { organization_id } = await ok("create_organization", { name: "Settings" });
  const set = (features: readonly object[], more: object = {}) =>
    ok("update_organization_settings", { organization_id, features, ...more });
  await set([{ name: "sso", enabled: true }]);
  const value = await set([{ name: "dir_sync", enabled: false }], { expected_version: 2 });
  assert.deepEqual(value, { features: { sso: true, dir_sync: false }, version: 3 });
  assert.deepEqual((await ok("get_organization_details", { organization_id }))["features"], { sso: true, dir_sync: false });
  const features = [{ name: "sso", enabled: false }];
  const stale = await refused("update_organization_settings", { organization_id, features, expected_version: 2 });
  assert.match(stale, /Its version is 3\. There, sso is true and you sent false/);
  assert.match(await refused("update_organization_settings", { organization_id, features: [] }), /\/features.*at least 1/);
});

test("delete_organization says who loses access, hides it everywhere, and brings it back with its users", async ({
  acts,
  at,
  ok,
  refused,
}) => {
  const made = { name: "Deletable", external_id: "del-1" };
  const { organization_id } = await ok("create_organization", made);
  for (const who of ["ann", "bob"])
    await ok("create_organization_user", { organization_id, email: `${who}@del.example`, name: `${who} deletable` });
  const args = at({ organization_id });
  const plan = valueOf(await acts.plan("delete_organization", args));
  assert.deepEqual([plan.rows, plan.losesAccess.toSorted()], [3, ["ann@del.example", "bob@del.example"]]);
  assert.equal(plan.changes[0]?.before?.["external_id"], "del-1");
  const { answer, data } = await acts.run("delete_organization", args);
  valueOf(answer);
  assert.match(await refused("get_organization_details", { organization_id }), /There is no organization/);
  assert.deepEqual((await ok("search_organizations", { query: "deletable" }))["organizations"], []);
  assert.deepEqual((await ok("search_users", { query: "deletable" }))["users"], []);
  const { organization_id: next } = await ok("create_organization", { ...made, name: "Next" });
  assert.match(errorOf(await acts.undo("delete_organization", data)), /has its external_id by now/);
  await ok("update_organization", { organization_id: next, external_id: "del-2" });
  valueOf(await acts.undo("delete_organization", data));
  assert.equal((await ok("get_organization_details", { organization_id }))["external_id"], "del-1");
  assert.equal(((await ok("search_users", { query: "deletable" }))["users"] as readonly unknown[]).length, 2);
});
