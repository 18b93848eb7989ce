import assert from "node:assert/strict";
import { isRefusal } from "../../src/errors.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { addWorkspace, ALL_SCOPES, rowsOf, type Workspace } from "./support/workspaces.ts";

type Args = Readonly<Record<string, unknown>>;

const NOW = Date.UTC(2026, 7, 1, 9, 0, 0);
const NOW_ISO = "2026-08-01T09:00:00.000Z";

const test = onEachEngine(async (harness) => {
  harness.clock.now = NOW;
  const own = await addWorkspace(rowsOf(harness.store), "Acme");
  await addWorkspace(rowsOf(harness.store), "Other");
  return {
    own,
    call: (tool: string, args: Args = {}) => harness.call(own.agent, { tool, arguments: args }),
    /** Arguments with the environment that most tests use. */
    live: (args: Args) => ({ environment_id: own.environmentId, ...args }),
  };
});

test("whoami tells the agent, whom it acts for, its workspace, what it holds and until when", async ({ own, harness }) => {
  const { value } = await harness.call(
    { workspaceId: own.id, scope: "wks:read org:write", clientId: "agt_1", subject: "acc_1" },
    { tool: "whoami" },
  );
  assert.deepEqual(value, {
    agent_id: "agt_1",
    subject: "acc_1",
    workspace: { workspace_id: own.id, name: "Acme" },
    scopes: [...harness.registry.scopes.parse("wks:read org:write").held].toSorted(),
    token_expires_at: "2026-08-01T09:15:00.000Z",
  });
});

test("list_workspace_members lists the people of this workspace only", async ({ call }) => {
  const { value } = await call("list_workspace_members");
  const members = value["members"] as readonly Record<string, unknown>[];
  assert.deepEqual(members.map(({ email }) => String(email)).toSorted(), [
    "admin@acme.example",
    "owner@acme.example",
    "viewer@acme.example",
  ]);
  const owner = members.find(({ role }) => role === "owner");
  assert.deepEqual(
    { ...owner, member_id: undefined },
    { member_id: undefined, name: "Acme owner", email: "owner@acme.example", role: "owner", joined_at: "1970-01-01T00:00:00.001Z" },
  );
  assert.equal(value["next_cursor"], null);
});

test("list_environments lists the environments of this workspace only", async ({ own, call }) => {
  const { value } = await call("list_environments");
  const environments = value["environments"] as readonly Record<string, unknown>[];
  assert.deepEqual(
    environments.map((each) => each["environment_id"]),
    [own.environmentId, own.otherEnvironmentId].toSorted(),
  );
  const first = environments.find((each) => each["environment_id"] === own.environmentId);
  assert.deepEqual(first, { environment_id: own.environmentId, name: "LIVE", slug: "live", kind: "development" });
});

test("get_environment_details tells all about one environment", async ({ own, call, live }) => {
  const { value } = await call("get_environment_details", live({}));
  const created_at = "1970-01-01T00:00:00.001Z";
  assert.deepEqual(value, { environment_id: own.environmentId, name: "LIVE", slug: "live", kind: "development", created_at, version: 1 });
});

test("create_environment creates what get_environment_details then shows", async ({ call }) => {
  const { value } = await call("create_environment", { name: "  Größe (Test) ", kind: "production" });
  const { environment_id } = value;
  assert.match(String(environment_id), /^env_[0-9a-f]{32}$/);
  assert.deepEqual(value, { environment_id, slug: "gro-e-test", version: 1 });
  const shown = { environment_id, name: "Größe (Test)", slug: "gro-e-test", kind: "production", created_at: NOW_ISO, version: 1 };
  assert.deepEqual((await call("get_environment_details", { environment_id })).value, shown);
});

test("create_environment makes a development environment unless told otherwise", async ({ call }) => {
  const { value } = await call("create_environment", { name: "日本", slug: "nihon" });
  const { slug, kind } = (await call("get_environment_details", { environment_id: value["environment_id"] })).value;
  assert.deepEqual([slug, kind], ["nihon", "development"]);
});

test("list_organizations lists the organizations of one environment, newest first", async ({ own, call }) => {
  const { value } = await call("list_organizations", { environment_id: own.otherEnvironmentId });
  const organizations = value["organizations"] as readonly Record<string, unknown>[];
  assert.deepEqual(
    organizations.map((each) => each["organization_id"]),
    own.otherOrganizationIds.toReversed(),
  );
  const { organization_id, ...first } = organizations[0] ?? {};
  assert.equal(organization_id, own.otherOrganizationIds.at(-1));
  assert.deepEqual(first, { name: "3", external_id: "ext-3", created_at: "1970-01-01T00:00:01.000Z" });
});

test("get_organization_details tells all about one organization", async ({ own, call, live }) => {
  const organization_id = own.organizationIds[0];
  const { value } = await call("get_organization_details", live({ organization_id }));
  const rest = { name: "3", external_id: "ext-3", created_at: "1970-01-01T00:00:01.000Z", features: {}, template_id: null, version: 1 };
  assert.deepEqual(value, { organization_id, ...rest });
});

test("create_organization creates what get_organization_details then shows", async ({ call, live }) => {
  const { value } = await call("create_organization", live({ name: "Globex", external_id: "crm-1" }));
  const { organization_id } = value;
  assert.match(String(organization_id), /^org_[0-9a-f]{32}$/);
  assert.deepEqual(value, { organization_id, version: 1 });
  const rest = { name: "Globex", external_id: "crm-1", created_at: NOW_ISO, features: {}, template_id: null, version: 1 };
  assert.deepEqual((await call("get_organization_details", live({ organization_id }))).value, { organization_id, ...rest });
});

test("any number of organizations may be without an external_id", async ({ call, live }) => {
  for (const name of ["One", "Two"]) assert.equal((await call("create_organization", live({ name }))).isError, false);
});

test("a taken external_id is refused with the organization that has it, and nothing is created", async ({ call, live, harness }) => {
  const first = await call("create_organization", live({ name: "Hooli", external_id: "crm-2" }));
  const second = await call("create_organization", live({ name: "Hooli again", external_id: "crm-2" }));
  assert.ok(second.isError);
  assert.match(second.text, /external_id exists already/);
  assert.ok(second.text.endsWith(`Its organization_id is ${String(first.value["organization_id"])}.`));
  assert.equal(second.text.includes("crm-2"), false);
  const found = await rowsOf(harness.store).selectFrom("organization").select("name").where("external_id", "=", "crm-2").execute();
  assert.deepEqual(found, [{ name: "Hooli" }]);
});

test("of calls at the same time for one external_id or slug, one creates and the others are told", async ({ call, live }) => {
  const organizations = await Promise.all(
    Array.from({ length: 5 }, (_, i) => call("create_organization", live({ name: `Race ${i}`, external_id: "race" }))),
  );
  const environments = await Promise.all(
    Array.from({ length: 5 }, (_, i) => call("create_environment", { name: `Race ${i}`, slug: "race" })),
  );
  for (const results of [organizations, environments]) assert.equal(results.filter(({ isError }) => !isError).length, 1);
});

const refused: readonly [title: string, tool: string, args: Args | ((own: Workspace) => Args), expected: RegExp][] = [
  ["a slug that is taken", "create_environment", { name: "Live" }, /slug exists already.*list_environments/],
  ["a name of which no slug can be made", "create_environment", { name: "日本" }, /Send a slug as well/],
  ["a slug of another form", "create_environment", { name: "X", slug: "a--b" }, /\/slug/],
  ["an unknown kind", "create_environment", { name: "X", kind: "test" }, /\/kind.*"production", "development"/],
  ["a name of blanks", "create_organization", (own) => ({ environment_id: own.environmentId, name: "  " }), /\/name/],
  [
    "a name with a hidden character",
    "create_organization",
    (own) => ({ environment_id: own.environmentId, name: "A\u{e0041}cme" }),
    /\/name.*none of them invisible/,
  ],
  ["a name over two lines", "create_organization", (own) => ({ environment_id: own.environmentId, name: "A\nB" }), /\/name/],
  ["a name that is too long", "create_environment", { name: "x".repeat(101) }, /\/name.*100/],
  [
    "an external_id with a blank",
    "create_organization",
    (own) => ({ environment_id: own.environmentId, name: "X", external_id: "a b" }),
    /\/external_id/,
  ],
  ["a page of nothing", "list_environments", { page_size: 0 }, /\/page_size.*at least 1/],
  [
    "a page that is too large",
    "list_organizations",
    (own) => ({ environment_id: own.environmentId, page_size: 101 }),
    /\/page_size.*at most 100/,
  ],
  ["a page size that is not whole", "list_workspace_members", { page_size: 1.5 }, /\/page_size/],
  ["an id of another kind", "get_environment_details", (own) => ({ environment_id: own.organizationIds[0] }), /\/environment_id/],
  [
    "an id with something after it",
    "get_organization_details",
    (own) => ({ environment_id: own.environmentId, organization_id: `${own.organizationIds[0]}\n` }),
    /\/organization_id/,
  ],
  ["a misspelt parameter", "list_organizations", (own) => ({ environmentId: own.environmentId }), /Did you mean "environment_id"/],
  ["a missing parameter", "create_organization", { name: "X" }, /\/environment_id: required/],
  ["a parameter of a tool without any", "whoami", { verbose: true }, /is not a parameter/],
];
for (const [title, tool, args, expected] of refused) {
  test(`${tool} refuses ${title} and says what to do`, async ({ own, call }) => {
    const { isError, text } = await call(tool, typeof args === "function" ? args(own) : args);
    assert.ok(isError);
    assert.match(text, expected);
  });
}

test("no tool runs without its scope, and each that looks runs with it", async ({ own, harness }) => {
  for (const { name, scopes, tool, effect } of harness.registry.tools.values()) {
    const others = ALL_SCOPES.split(" ").filter((scope) => !harness.registry.scopes.parse(scope).held.has(scopes[0] ?? ""));
    const args = tool.examples[0].input as Record<string, unknown>;
    const refusal = await harness.send({ ...own.agent, scope: others.join(" ") }, { tool: name, arguments: args });
    assert.ok(isRefusal(refusal) && refusal.refused === "insufficient_scope", name);
    if (effect !== "read") continue;
    const answer = await harness.send({ ...own.agent, scope: scopes.join(" ") }, { tool: name, arguments: args });
    assert.ok(!isRefusal(answer), name);
  }
});
