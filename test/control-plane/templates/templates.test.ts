import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const ROLES = [
  { name: "admin", display_name: "Admin", scopes: ["invoice:write", "invoice:read"] },
  { name: "reader", display_name: "Reader", scopes: ["invoice:read"], is_default: true },
];
const SCOPES = [{ name: "invoice:read", description: "See invoices." }, { name: "invoice:write" }];

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  let count = 0;
  return {
    ...world,
    async template(more: object = {}) {
      const { connection_id } = await world.ok("create_connection", {
        name: `C${++count}`,
        kind: "social",
        provider: "github",
        client_id: "c",
      });
      const parts = { roles: ROLES, scopes: SCOPES, features: ["sso"], connection_ids: [connection_id] };
      const { template_id } = await world.ok("create_organization_template", { name: `T${count}`, ...parts, ...more });
      return { template_id: String(template_id), connection_id: String(connection_id) };
    },
    async made(template_id: string) {
      const { organization_id } = await world.ok("create_organization_from_template", { template_id, name: `Made ${++count}` });
      return String(organization_id);
    },
    drift: async (organization_id: string) => (await world.ok("get_template_drift", { organization_id }))["drift"] as Rows,
  };
});

const parts = (rows: Rows) => rows.map((each) => [each["part"], each["name"], each["change"]].join(" "));

test("a template is shown as it was sent, with its scopes in order", async ({ ok, template }) => {
  const { template_id, connection_id } = await template({ name: "Standard", description: "For most." });
  const shown = await ok("get_organization_template", { template_id });
  assert.deepEqual(shown, {
    template_id,
    name: "Standard",
    description: "For most.",
    version: 1,
    roles: [
      { name: "admin", display_name: "Admin", scopes: ["invoice:read", "invoice:write"], is_default: false },
      { name: "reader", display_name: "Reader", scopes: ["invoice:read"], is_default: true },
    ],
    scopes: [
      { name: "invoice:read", description: "See invoices." },
      { name: "invoice:write", description: null },
    ],
    features: ["sso"],
    connection_ids: [connection_id],
  });
  const { templates } = await ok("list_organization_templates");
  assert.ok((templates as Rows).some((each) => each["template_id"] === template_id));
});

test("what the preview shows is what an organization made from the template has, and no drift is left", async ({
  ok,
  template,
  made,
  drift,
}) => {
  const { template_id, connection_id } = await template();
  const { creates } = await ok("preview_organization_from_template", { template_id });
  const expected = [
    "role admin create",
    "role reader create",
    "scope invoice:read create",
    "scope invoice:write create",
    "feature sso create",
  ];
  assert.deepEqual(parts(creates as Rows), [...expected, `connection ${connection_id} create`]);
  const organization_id = await made(template_id);
  assert.deepEqual(await drift(organization_id), []);
  const { features, template_id: of } = await ok("get_organization_details", { organization_id });
  assert.deepEqual([features, of], [{ sso: true }, template_id]);
  const { connections } = await ok("list_organization_connections", { organization_id });
  assert.deepEqual(
    (connections as Rows).map((each) => each["connection_id"]),
    [connection_id],
  );
  await ok("create_organization_user", { organization_id, email: "a@made.example" });
  const { users } = await ok("list_organization_users", { organization_id });
  assert.deepEqual(
    (users as Rows).map((each) => each["role"]),
    ["reader"],
  );
});

test("an organization from a template is refused for a taken external id, and nothing of it is left", async ({ ok, refused, template }) => {
  const { template_id } = await template();
  const first = await ok("create_organization_from_template", { template_id, name: "First", external_id: "tpl-1" });
  const text = await refused("create_organization_from_template", { template_id, name: "Second", external_id: "tpl-1" });
  assert.ok(text.endsWith(`Its organization_id is ${String(first["organization_id"])}.`));
  assert.deepEqual((await ok("search_organizations", { query: "second" }))["organizations"], []);
});

test("drift is told, planned with who loses a role, reconciled, and undone", async ({ acts, at, ok, template, made, drift }) => {
  const { template_id } = await template();
  const organization_id = await made(template_id);
  await ok("create_organization_user", { organization_id, email: "admin@made.example", role: "admin" });
  await ok("update_organization_settings", {
    organization_id,
    features: [
      { name: "sso", enabled: false },
      { name: "own", enabled: true },
    ],
  });
  await ok("update_organization_template", { template_id, roles: [{ ...ROLES[1], display_name: "Viewer" }], scopes: SCOPES });
  const before = await drift(organization_id);
  assert.deepEqual(parts(before), ["role admin delete", "role reader update", "feature sso update"]);
  assert.deepEqual(before[2], { part: "feature", name: "sso", change: "update", before: { enabled: false }, after: { enabled: true } });

  const args = at({ organization_id });
  const plan = valueOf(await acts.plan("reconcile_organization", args));
  assert.deepEqual([plan.rows, plan.losesAccess], [3, ["admin@made.example"]]);
  assert.deepEqual(plan.versions, { [organization_id]: 3, [template_id]: 2 });
  const { answer, data } = await acts.run("reconcile_organization", args);
  valueOf(answer);
  assert.deepEqual(await drift(organization_id), []);
  const roleOf = async () => ((await ok("list_organization_users", { organization_id }))["users"] as Rows)[0]?.["role"];
  const featuresOf = async () => (await ok("get_organization_details", { organization_id }))["features"];
  assert.equal(await roleOf(), null);
  assert.deepEqual(await featuresOf(), { sso: true, own: true });
  assert.match(errorOf((await acts.run("reconcile_organization", args)).answer), /nothing to change/);
  assert.match(errorOf(await acts.plan("reconcile_organization", args)), /nothing to change/);

  valueOf(await acts.undo("reconcile_organization", data));
  assert.equal(await roleOf(), "admin");
  assert.deepEqual(await featuresOf(), { sso: false, own: true });
  assert.deepEqual(parts(await drift(organization_id)), parts(before));
});

test("a reconciliation is not undone over a later change", async ({ acts, at, ok, template, made }) => {
  const { template_id } = await template();
  const organization_id = await made(template_id);
  await ok("update_organization_settings", { organization_id, features: [{ name: "sso", enabled: false }] });
  const { data } = await acts.run("reconcile_organization", at({ organization_id }));
  await ok("update_organization", { organization_id, name: "Changed since" });
  assert.match(errorOf(await acts.undo("reconcile_organization", data)), /changed since/);
});

test("an organization without a template has none to be compared with", async ({ acts, at, ok, refused }) => {
  const { organization_id } = await ok("create_organization", { name: "Plain" });
  assert.match(await refused("get_template_drift", { organization_id }), /not made from a template/);
  assert.match(errorOf(await acts.plan("reconcile_organization", at({ organization_id }))), /not made from a template/);
});

const unfit: readonly [title: string, parts: object, expected: RegExp][] = [
  ["two roles of one name", { roles: [ROLES[0], ROLES[0]], scopes: SCOPES }, /roles needs a name of its own/],
  ["two default roles", { roles: [ROLES[1], { ...ROLES[1], name: "other" }], scopes: SCOPES }, /At most one role/],
  ["a scope that is nowhere", { roles: [{ ...ROLES[1], scopes: ["nowhere"] }] }, /There is no scope nowhere/],
  ["a connection of nobody", { connection_ids: ["conn_00000000000000000000"] }, /not a connection of this environment/],
];
for (const [title, sent, expected] of unfit) {
  test(`a template with ${title} is refused, made and changed alike`, async ({ refused, template }) => {
    assert.match(await refused("create_organization_template", { name: title, ...sent }), expected);
    const { template_id } = await template();
    assert.match(await refused("update_organization_template", { template_id, ...sent }), expected);
  });
}

test("update_organization_template refuses taken names, stale versions and empty changes", async ({ ok, refused, template }) => {
  await template({ name: "Taken" });
  const { template_id } = await template({ name: "Mine" });
  assert.match(await refused("update_organization_template", { template_id, name: "Taken" }), /exists already/);
  assert.match(await refused("create_organization_template", { name: "Taken", features: ["x"] }), /exists already/);
  assert.match(await refused("update_organization_template", { template_id }), /Nothing was sent/);
  assert.deepEqual(await ok("update_organization_template", { template_id, features: [], description: "New." }), { version: 2 });
  const stale = await refused("update_organization_template", { template_id, features: ["sso"], expected_version: 1 });
  assert.match(stale, /Its version is 2\. There, features is \[\] and you sent \["sso"\]/);
});

test("a deleted template is gone for lists, previews and drift, frees its name, and comes back", async ({
  acts,
  at,
  ok,
  refused,
  template,
  made,
  drift,
}) => {
  const { template_id } = await template({ name: "Short-lived" });
  const organization_id = await made(template_id);
  assert.match(valueOf(await acts.plan("delete_organization_template", at({ template_id }))).summary, /1 organizations made from it/);
  const { answer, data } = await acts.run("delete_organization_template", at({ template_id }));
  valueOf(answer);
  assert.match(await refused("preview_organization_from_template", { template_id }), /There is no template/);
  assert.match(await refused("get_template_drift", { organization_id }), /that template was deleted/);
  const { template_id: next } = await template({ name: "Short-lived" });
  assert.match(errorOf(await acts.undo("delete_organization_template", data)), /exists already/);
  await ok("update_organization_template", { template_id: next, name: "Renamed" });
  valueOf(await acts.undo("delete_organization_template", data));
  assert.deepEqual(await drift(organization_id), []);
});
