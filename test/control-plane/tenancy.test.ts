import assert from "node:assert/strict";
import { controlPlane, type OrganizationRow } from "../../src/control-plane/index.ts";
import { createId } from "../../src/lib/id.ts";
import { createRegistry, type RegisteredTool } from "../../src/tool/index.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { addEnvironment, addWorkspace, rowsOf, type Rows, type Workspace } from "./support/workspaces.ts";

interface World {
  readonly own: Workspace;
  readonly other: Workspace;
  readonly deleted: { readonly environmentId: string; readonly organizationId: string };
}

type Args = Readonly<Record<string, unknown>>;

const registry = createRegistry(controlPlane);
const tools = [...registry.tools.values()];

/** The parameters of a tool that end in `_id`, with the prefix that their pattern asks for; empty when it asks for none. */
function idParametersOf({ input }: RegisteredTool): { readonly name: string; readonly prefix: string }[] {
  const properties = Object.entries((input.schema["properties"] ?? {}) as Record<string, { readonly pattern?: string }>);
  return properties
    .filter(([name]) => name.endsWith("_id"))
    .map(([name, { pattern = "" }]) => ({ name, prefix: /^\^([a-z]+)_\[/.exec(pattern)?.[1] ?? "" }));
}

/** Those that name a row by its id. */
function referencesOf(tool: RegisteredTool) {
  return idParametersOf(tool).filter(({ prefix }) => prefix !== "");
}

/** Values with which every tool succeeds. A new required parameter needs one here. */
const valid = ({ own }: World): Args => ({
  environment_id: own.environmentId,
  organization_id: own.organizationIds[0],
  name: `Name ${createId("x")}`,
});

/** For each reference, the ids that must look as if they did not exist. A new kind of reference needs its own here. */
const foreign: Readonly<Record<string, (world: World) => Readonly<Record<string, unknown>>>> = {
  environment_id: ({ other, deleted }) => ({
    "another workspace's": other.environmentId,
    "another workspace's second": other.otherEnvironmentId,
    "a deleted": deleted.environmentId,
    "a guessed": createId("env"),
    "an organization's, as an environment's": other.organizationIds[0]?.replace("org_", "env_"),
  }),
  organization_id: ({ own, other, deleted }) => ({
    "another workspace's": other.organizationIds[0],
    "another environment's": own.otherOrganizationIds[0],
    "a deleted": deleted.organizationId,
    "a guessed": createId("org"),
  }),
};

const test = onEachEngine(async (harness) => {
  const rows = rowsOf(harness.store);
  const own = await addWorkspace(rows, "Acme");
  const other = await addWorkspace(rows, "Other");
  return { rows, own, other, deleted: await addDeleted(rows, own) };
});

function argumentsFor(tool: RegisteredTool, world: World): Record<string, unknown> {
  const required = (tool.input.schema["required"] ?? []) as readonly string[];
  const values = valid(world);
  for (const name of required) assert.ok(name in values, `say in this test what a valid ${name} is`);
  return Object.fromEntries(required.map((name) => [name, values[name]]));
}

for (const tool of tools.filter((each) => referencesOf(each).length > 0)) {
  test(`T47: ${tool.name} answers byte-identically for ids of others, deleted ids and ids that never were`, async (world) => {
    const { harness, rows } = world;
    const call = async (args: Args) => harness.call(world.own.agent, { tool: tool.name, arguments: args });
    const untouched = await everything(rows);
    for (const { name, prefix } of referencesOf(tool)) {
      const ids = foreign[name]?.(world);
      assert.ok(ids, `say in this test which ids ${name} must not reach`);
      const nonexistent = await call({ ...argumentsFor(tool, world), [name]: createId(prefix) });
      assert.ok(nonexistent.isError);
      for (const [whose, id] of Object.entries(ids)) {
        const { json } = await call({ ...argumentsFor(tool, world), [name]: id });
        assert.equal(json, nonexistent.json, `${name}: ${whose} id`);
      }
    }
    assert.equal(await everything(rows), untouched);
    assert.equal((await call(argumentsFor(tool, world))).isError, false);
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
  assert.deepEqual(
    named.map(({ name }) => name),
    ["external_id"],
  );
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
  const row = { id: createId("org"), environment_id: other.environmentId, name: "Planted", external_id: null, created_at: 1, version: 1, features: "{}" };
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

async function addDeleted(rows: Rows, { id: workspace_id, environmentId }: Workspace): Promise<World["deleted"]> {
  const deletedEnvironmentId = await addEnvironment(rows, workspace_id, "gone");
  await rows.deleteFrom("environment").where("id", "=", deletedEnvironmentId).execute();
  const id = createId("org");
  const row = { id, workspace_id, environment_id: environmentId, name: "Gone", external_id: "gone", created_at: 1, version: 1, features: "{}" };
  await rows.insertInto("organization").values(row).execute();
  await rows.deleteFrom("organization").where("id", "=", id).execute();
  return { environmentId: deletedEnvironmentId, organizationId: id };
}

/** All rows that tools may write, as text. */
async function everything(rows: Rows): Promise<string> {
  const organizations = await rows.selectFrom("organization").selectAll().orderBy("id").execute();
  return JSON.stringify([organizations, await rows.selectFrom("environment").selectAll().orderBy("id").execute()]);
}
