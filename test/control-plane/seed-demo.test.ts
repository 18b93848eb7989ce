import assert from "node:assert/strict";
import { seedDemo } from "../../src/control-plane/index.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { rowsOf } from "./support/workspaces.ts";

const test = onEachEngine(async (harness) => {
  const demo = await seedDemo(harness.store.db, harness.clock.now);
  return { demo, agent: { workspaceId: demo.workspaceId, scope: "wks:read env:read org:read" } };
});

test("an agent finds in the demo a workspace named Acme with an owner, two more members and two environments", async ({
  demo,
  agent,
  harness,
}) => {
  const { value: me } = await harness.call(agent, { tool: "whoami" });
  assert.deepEqual(me["workspace"], { workspace_id: demo.workspaceId, name: "Acme" });
  const { value: people } = await harness.call(agent, { tool: "list_workspace_members" });
  const members = people["members"] as readonly { readonly role: string }[];
  assert.deepEqual(members.map(({ role }) => role).toSorted(), ["admin", "member", "owner"]);
  const { value } = await harness.call(agent, { tool: "list_environments" });
  const environments = value["environments"] as readonly { readonly environment_id: string; readonly kind: string }[];
  const kinds = Object.fromEntries(environments.map(({ environment_id, kind }) => [environment_id, kind]));
  assert.deepEqual(kinds, { [demo.environmentIds.production]: "production", [demo.environmentIds.development]: "development" });
});

test("a large page of the demo's production organizations comes in more than one part", async ({ demo, agent, harness }) => {
  const args = { environment_id: demo.environmentIds.production, page_size: 50 };
  const { value, content } = await harness.call(agent, { tool: "list_organizations", arguments: args });
  const organizations = value["organizations"] as readonly { readonly created_at: string }[];
  assert.ok(organizations.length > 10 && content.length > 2);
  for (const { created_at } of organizations) assert.ok(Date.parse(created_at) < harness.clock.now);
});

test("the ids of the demo are such as the tools take", async ({ agent, harness }) => {
  const rows = await rowsOf(harness.store).selectFrom("organization").select(["id", "environment_id"]).execute();
  for (const { id, environment_id } of rows) {
    const args = { environment_id, organization_id: id };
    assert.equal((await harness.call(agent, { tool: "get_organization_details", arguments: args })).isError, false);
  }
});

test("a second demo on the same database is refused as a whole", async ({ harness }) => {
  await assert.rejects(seedDemo(harness.store.db, harness.clock.now));
  assert.equal((await rowsOf(harness.store).selectFrom("workspace").selectAll().execute()).length, 1);
});

test("an agent finds the demo's users by name, with roles, and makes an organization from its template", async ({
  demo,
  agent,
  harness,
}) => {
  const environment_id = demo.environmentIds.production;
  const ask = async (tool: string, args: object = {}) => {
    const scope = "wks:read env:read org:write";
    const { isError, value, text } = await harness.call({ ...agent, scope }, { tool, arguments: { environment_id, ...args } });
    assert.ok(!isError, text);
    return value;
  };
  const { users } = await ask("search_users", { query: "hank" });
  const [hank] = users as readonly { readonly organization_id: string; readonly email: string }[];
  assert.equal(hank?.email, "hank@globex.example");
  const { users: all } = await ask("list_organization_users", { organization_id: hank?.organization_id });
  assert.deepEqual((all as readonly { readonly role: string }[]).map(({ role }) => role).toSorted(), ["admin", "viewer"]);
  const { templates } = await ask("list_organization_templates");
  const [template] = templates as readonly { readonly template_id: string }[];
  const { organization_id } = await ask("create_organization_from_template", { template_id: template?.template_id, name: "Pied Piper" });
  assert.deepEqual(await ask("get_template_drift", { organization_id }), { template_id: template?.template_id, drift: [] });
});
