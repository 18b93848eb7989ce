import assert from "node:assert/strict";
import { controlPlane, type OrganizationRow } from "../../src/control-plane/index.ts";
import { createId } from "../../src/lib/id.ts";
import { createRegistry, type RegisteredTool } from "../../src/tool/index.ts";
import type { ToolHarness } from "../support/tool-harness.ts";
import { direct } from "./support/direct.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { addResources, type Resources } from "./support/resources.ts";
import { addEnvironment, addMember, addWorkspace, rowsOf, type Rows, type Workspace } from "./support/workspaces.ts";

interface World {
  readonly harness: ToolHarness;
  readonly own: Workspace;
  readonly other: Workspace;
  /** What the other workspace has, what the own one has in its other environment, and what it had in this one. */
  readonly theirs: Resources;
  readonly elsewhere: Resources;
  readonly deleted: Resources;
  readonly removedMemberId: string;
}

type Args = Readonly<Record<string, unknown>>;

const controlPlaneTableNames = [
  "organization",
  "environment_role",
  "environment_scope",
  "environment_uri",
  "connection",
  "organization_connection",
  "connected_account",
  "mcp_server",
  "organization_user",
  "organization_template",
  "link",
  "search_word",
] as const;

const registry = createRegistry(controlPlane);
// What undo_change takes is the id of a change, not of a row: its own tests forge it.
const tools = [...registry.tools.values()].filter(({ name }) => name !== "undo_change");

/** The parameters of a tool that end in `_id`, with the prefix that they ask for when they get something else; empty when they take anything. */
function idParametersOf({ input }: RegisteredTool): { readonly name: string; readonly prefix: string }[] {
  const names = Object.keys(input.schema["properties"] ?? {}).filter((name) => name.endsWith("_id"));
  const validated = input.validate(Object.fromEntries(names.map((name) => [name, "-"])));
  const issues = validated.ok ? [] : validated.issues;
  return names.map((name) => {
    const expected = issues.find(({ path }) => path === `/${name}`)?.expected ?? "";
    return { name, prefix: /^an id that begins with ([a-z]+)_$/.exec(expected)?.[1] ?? "" };
  });
}

/** Those that name a row by its id. */
function referencesOf(tool: RegisteredTool) {
  return idParametersOf(tool).filter(({ prefix }) => prefix !== "");
}

/** Values with which every tool succeeds, in an environment with one of everything. A new required parameter needs one here. */
const valid = (fresh: Resources, { harness, own }: World): Args => ({
  ...fresh,
  member_id: own.memberIds["viewer"],
  role: "viewer",
  name: createId("n"),
  display_name: "Name",
  kind: "social",
  provider: "github",
  client_id: "client",
  email: `${createId("e")}@globex.example`,
  query: "made",
  features: [{ name: "sso", enabled: true }],
  identifier: "somebody",
  connector: "slack",
  url: `https://mcp.example.com/${createId("u")}`,
  issuer: "https://id.globex.example",
  description: `At ${harness.clock.now}`,
});

/** What an update needs beside what is required, and what may not be given although it is known. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  create_connection: ["provider", "client_id"],
  update_environment: ["name"],
  update_environment_role: ["display_name"],
  update_mcp_server: ["name"],
  update_organization: ["name"],
  update_organization_user: ["name"],
  update_organization_template: ["name"],
};

/** Whose ids, beside guessed ones, must look as if they did not exist. A new kind of reference needs its own here. */
const ELSEWHERE: Readonly<Record<string, readonly ("theirs" | "elsewhere" | "deleted" | "beside")[]>> = {
  environment_id: ["theirs", "deleted"],
  organization_id: ["theirs", "elsewhere", "deleted"],
  role_id: ["theirs", "elsewhere", "deleted"],
  scope_id: ["theirs", "elsewhere", "deleted"],
  connection_id: ["theirs", "elsewhere"],
  mcp_server_id: ["theirs", "elsewhere"],
  user_id: ["theirs", "elsewhere", "deleted", "beside"],
  template_id: ["theirs", "elsewhere", "deleted"],
  member_id: ["theirs", "deleted"],
};

/** `beside` are other things in the same environment. */
function foreignIds(name: string, world: World & { readonly beside: Resources }): Readonly<Record<string, string>> {
  const members = { theirs: world.other.memberIds["viewer"] ?? "", deleted: world.removedMemberId };
  const whose = ELSEWHERE[name];
  assert.ok(whose, `say in this test whose ${name} must not be reached`);
  return Object.fromEntries(
    whose.map((each) => [each, name === "member_id" ? members[each as keyof typeof members] : world[each][name as keyof Resources]]),
  );
}

const test = onEachEngine(async (harness) => {
  const rows = rowsOf(harness.store);
  const own = await addWorkspace(rows, "Acme");
  const other = await addWorkspace(rows, "Other");
  const theirs = await addResources(harness, other.agent, other.environmentId);
  const elsewhere = await addResources(harness, own.agent, own.otherEnvironmentId);
  const { deleted, removedMemberId } = await addDeleted(harness, own);
  return { rows, own, other, theirs, elsewhere, deleted, removedMemberId };
});

function argumentsFor(tool: RegisteredTool, values: Args): Record<string, unknown> {
  const required = (tool.input.schema["required"] ?? []) as readonly string[];
  const named = [...required, ...(BESIDE[tool.name] ?? [])];
  for (const name of named) assert.ok(name in values, `say in this test what a valid ${name} of ${tool.name} is`);
  return Object.fromEntries(named.map((name) => [name, values[name]]));
}

for (const tool of tools.filter((each) => referencesOf(each).length > 0)) {
  test(`T47: ${tool.name} answers byte-identically for ids of others, deleted ids and ids that never were`, async (world) => {
    const { harness, rows, own } = world;
    const environment_id = await addEnvironment(rows, own.id, createId("x").slice(2));
    const fresh = await addResources(harness, own.agent, environment_id);
    const beside = await addResources(harness, own.agent, environment_id);
    const args = argumentsFor(tool, valid(fresh, world));
    const acts = direct(harness, own.agent);
    // What may lose something is asked for its plan too, and run as it is once a person approved it.
    const ask = async (each: Args): Promise<readonly string[]> => {
      if (tool.effect !== "destructive") return [(await harness.call(own.agent, { tool: tool.name, arguments: each })).json];
      return [JSON.stringify(await acts.plan(tool.name, each)), JSON.stringify((await acts.run(tool.name, each)).answer)];
    };
    const untouched = await everything(rows);
    for (const { name, prefix } of referencesOf(tool)) {
      const nonexistent = await ask({ ...args, [name]: createId(prefix) });
      for (const answer of nonexistent) assert.match(answer, /"isError":true|^{"error"/);
      for (const [whose, id] of Object.entries(foreignIds(name, { ...world, beside })))
        assert.deepEqual(await ask({ ...args, [name]: id }), nonexistent, `${name}: ${whose}`);
    }
    assert.equal(await everything(rows), untouched);
    for (const answer of await ask(args)) assert.doesNotMatch(answer, /"isError":true|^{"error"/);
  });
}

test("T47: all ids of another workspace together answer as if none existed", async ({ own, other, harness }) => {
  const get = (environment_id: unknown, organization_id: unknown) =>
    harness.call(own.agent, { tool: "get_organization_details", arguments: { environment_id, organization_id } });
  const { json } = await get(createId("env"), createId("org"));
  assert.equal((await get(other.environmentId, other.organizationIds[0])).json, json);
});

test("T47: an external_id that another workspace or environment uses is free, so that it tells nothing", async ({
  own,
  other,
  rows,
  harness,
}) => {
  const named = tools.flatMap(idParametersOf).filter(({ prefix }) => prefix === "");
  assert.deepEqual(new Set(named.map(({ name }) => name)), new Set(["external_id", "client_id", "entity_id"]));
  const mine = { environment_id: own.environmentId, name: "Mine" };
  for (const place of [
    { workspace_id: other.id, environment_id: other.environmentId },
    { workspace_id: own.id, environment_id: own.otherEnvironmentId },
  ]) {
    const external_id = createId("ext");
    await rows
      .insertInto("organization")
      .values({ ...place, id: createId("org"), name: "Taken", external_id, created_at: 1, version: 1, features: "{}" })
      .execute();
    const { isError } = await harness.call(own.agent, { tool: "create_organization", arguments: { ...mine, external_id } });
    assert.equal(isError, false);
  }
});

test("T47: a slug that another workspace uses is free", async ({ own, other, rows, harness }) => {
  await addEnvironment(rows, other.id, "shared");
  const { isError } = await harness.call(own.agent, { tool: "create_environment", arguments: { name: "Shared" } });
  assert.equal(isError, false);
});

test("T47: without any condition of a tool, the handle still reaches the rows of its workspace only", async ({
  own,
  other,
  rows,
  harness,
}) => {
  const db = harness.store.inWorkspace(own.id).withTables<{ organization: OrganizationRow }>();
  for (const table of ["organization", "environment", "member"] as const) {
    const all = await rows.selectFrom(table).select(["id", "workspace_id"]).orderBy("id").execute();
    const mine = all.filter(({ workspace_id }) => workspace_id === own.id);
    assert.ok(mine.length > 0 && mine.length < all.length);
    assert.deepEqual(await db.selectFrom(table).select(["id", "workspace_id"]).orderBy("id").execute(), mine);
  }
  const theirs = () => rows.selectFrom("organization").selectAll().where("workspace_id", "=", other.id).orderBy("id").execute();
  const untouched = await theirs();
  await db.updateTable("organization").set({ name: "Changed" }).execute();
  await db
    .deleteFrom("organization")
    .where("id", "=", untouched[0]?.id ?? "")
    .execute();
  assert.deepEqual(await theirs(), untouched);
  const row = {
    id: createId("org"),
    environment_id: other.environmentId,
    name: "Planted",
    external_id: null,
    created_at: 1,
    version: 1,
    features: "{}",
  };
  await assert.rejects(
    db
      .insertInto("organization")
      .values({ ...row, workspace_id: other.id })
      .execute(),
  );
});

test("T47: an agent limited to one environment sees, changes and adds nothing in others", async ({ own, rows, harness }) => {
  const agent = { ...own.agent, environments: [own.otherEnvironmentId] };
  const before = await everything(rows);
  const { value } = await harness.call(agent, { tool: "list_environments" });
  assert.deepEqual(
    (value.environments as readonly { readonly environment_id: string }[]).map((each) => each.environment_id),
    [own.otherEnvironmentId],
  );
  const open = await harness.call(agent, { tool: "list_organizations", arguments: { environment_id: own.otherEnvironmentId } });
  const listed = (open.value.organizations as readonly { readonly organization_id: string }[]).map((each) => each.organization_id);
  assert.ok(own.otherOrganizationIds.every((id) => listed.includes(id)));
  const closed: readonly (readonly [string, Record<string, string>])[] = [
    ["get_environment_details", { environment_id: own.environmentId }],
    ["create_environment", { name: "Fresh" }],
    ["list_organizations", { environment_id: own.environmentId }],
    ["create_organization", { environment_id: own.environmentId, name: "Planted" }],
    ["get_organization_details", { environment_id: own.environmentId, organization_id: own.organizationIds[0] ?? "" }],
  ];
  for (const [tool, args] of closed) {
    const { isError, text } = await harness.call(agent, { tool, arguments: args });
    assert.ok(isError, tool);
    assert.match(text, /There is no|limited to/, tool);
  }
  assert.equal(await everything(rows), before);
});

test("T47: the database refuses an organization whose environment is another workspace's, whoever writes it", async ({
  own,
  other,
  rows,
}) => {
  const row = { id: createId("org"), name: "Planted", external_id: null, created_at: 1, version: 1, features: "{}" };
  const planted = { ...row, workspace_id: own.id, environment_id: other.environmentId };
  await assert.rejects(rows.insertInto("organization").values(planted).execute(), /foreign key/i);
});

async function addDeleted(
  harness: ToolHarness,
  own: Workspace,
): Promise<{ readonly deleted: Resources; readonly removedMemberId: string }> {
  const acts = direct(harness, own.agent);
  const gone = async (name: string, args: object): Promise<void> => {
    const { answer } = await acts.run(name, args);
    assert.ok("value" in answer, JSON.stringify(answer));
  };
  const emptied = await addEnvironment(rowsOf(harness.store), own.id, "gone");
  const within = await addResources(harness, own.agent, emptied);
  await gone("delete_environment", { environment_id: within.environment_id });
  const {
    environment_id,
    uri: _,
    connection_id: _c,
    mcp_server_id: _m,
    ...made
  } = await addResources(harness, own.agent, own.environmentId);
  await gone("delete_organization_user", { environment_id, ...pick(made, "organization_id", "user_id") });
  await gone("delete_organization", { environment_id, ...pick(made, "organization_id") });
  await gone("delete_organization_template", { environment_id, ...pick(made, "template_id") });
  await gone("delete_environment_role", { environment_id, ...pick(made, "role_id") });
  await gone("delete_environment_scope", { environment_id, ...pick(made, "scope_id") });
  const removedMemberId = await addMember(rowsOf(harness.store), { workspaceId: own.id, name: "Acme", who: "leaver" });
  await gone("remove_workspace_member", { member_id: removedMemberId });
  return { deleted: { ...within, ...made, environment_id: within.environment_id }, removedMemberId };
}

function pick(all: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** All rows that tools may write, as text. */
async function everything(rows: Rows): Promise<string> {
  const tables = ["environment", "member", ...controlPlaneTableNames] as const;
  const all = await Promise.all(tables.map((table) => rows.selectFrom(table).selectAll().execute()));
  return JSON.stringify(all.map((each) => each.map((row) => JSON.stringify(row)).toSorted()));
}
