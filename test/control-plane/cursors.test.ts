import assert from "node:assert/strict";
import type { ToolHarness } from "../support/tool-harness.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { addWorkspace, rowsOf, type Workspace } from "./support/workspaces.ts";

const LISTS = [
  { tool: "list_workspace_members", member: "members", id: "member_id" },
  { tool: "list_environments", member: "environments", id: "environment_id" },
  { tool: "list_organizations", member: "organizations", id: "organization_id" },
  { tool: "search_organizations", member: "organizations", id: "organization_id" },
  { tool: "list_organization_users", member: "users", id: "user_id" },
  { tool: "search_users", member: "users", id: "user_id" },
  { tool: "list_connected_accounts", member: "connected_accounts", id: "connected_account_id" },
  { tool: "list_mcp_servers", member: "mcp_servers", id: "mcp_server_id" },
] as const;

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const FOREIGN = /^This cursor was not made for this list.*leave cursor out/;

/** What a list must be asked with, beside the page. */
function argumentsOf(tool: string, { environmentId, organizationIds }: Workspace): object {
  if (tool === "list_workspace_members" || tool === "list_environments") return {};
  const query = tool.startsWith("search_") ? { query: "found" } : {};
  const within = tool === "list_organization_users" ? { organization_id: organizationIds[0] } : {};
  return { environment_id: environmentId, ...query, ...within };
}

/** Three of everything that is listed. */
async function fill(harness: ToolHarness, { agent, environmentId: environment_id, organizationIds }: Workspace): Promise<void> {
  const make = (tool: string, args: object) => harness.call(agent, { tool, arguments: { environment_id, ...args } });
  for (const i of [1, 2, 3]) {
    await make("create_organization", { name: `Found ${i}` });
    await make("create_organization_user", { organization_id: organizationIds[0], email: `user${i}@found.example`, name: `Found ${i}` });
    await make("create_connected_account_magic_link", { identifier: `user${i}`, connector: "slack" });
    await make("register_mcp_server", { name: `Server ${i}`, url: `https://found.example/${i}` });
  }
}

const test = onEachEngine(async (harness) => {
  const own = await addWorkspace(rowsOf(harness.store), "Acme");
  const other = await addWorkspace(rowsOf(harness.store), "Other");
  for (const workspace of [own, other]) await fill(harness, workspace);

  /** A page of one row, as the workspace's own agent gets it. */
  const read = (tool: string, more: object = {}, workspace = own) =>
    harness.call(workspace.agent, { tool, arguments: { ...argumentsOf(tool, workspace), page_size: 1, ...more } });

  return {
    own,
    other,
    read,
    async cursorOf(tool: string, more: object = {}, workspace = own): Promise<string> {
      const { value } = await read(tool, more, workspace);
      assert.equal(typeof value["next_cursor"], "string");
      return String(value["next_cursor"]);
    },
    async assertForeign(tool: string, cursor: string, more: object = {}): Promise<void> {
      const { isError, text } = await read(tool, { ...more, cursor });
      assert.ok(isError, `${tool} took ${cursor}`);
      assert.match(text, FOREIGN);
    },
  };
});

test("every tool that gives a cursor is among the lists of this test", async ({ harness }) => {
  const paged = [...harness.registry.tools.values()].filter(({ output }) => JSON.stringify(output?.schema ?? {}).includes("next_cursor"));
  // Records grow while they are read; the test of search_audit pages through them.
  const [lists, others] = [LISTS.map(({ tool }) => tool), ["search_audit"]];
  assert.deepEqual(paged.map(({ name }) => name).toSorted(), [...lists, ...others].toSorted());
});

for (const { tool, member, id } of LISTS) {
  const idsIn = (value: Readonly<Record<string, unknown>>) => (value[member] as readonly Record<string, unknown>[]).map((row) => row[id]);

  test(`${tool} shows each row once, whatever the size of its pages, and ends with null`, async ({ read }) => {
    const { value: whole } = await read(tool, { page_size: 100 });
    const expected = idsIn(whole);
    assert.equal(whole["next_cursor"], null);
    for (const page_size of [1, 2, expected.length]) {
      const seen: unknown[] = [];
      for (let more: object | undefined = {}; more !== undefined && seen.length <= expected.length;) {
        const { value } = await read(tool, { page_size, ...more });
        seen.push(...idsIn(value));
        more = value["next_cursor"] === null ? undefined : { cursor: value["next_cursor"] };
      }
      assert.deepEqual(seen, expected);
    }
  });

  test(`T48: ${tool} refuses a cursor of which any one character was changed`, async ({ cursorOf, read, assertForeign }) => {
    const cursor = await cursorOf(tool);
    assert.equal((await read(tool, { cursor })).isError, false);
    for (let at = 0; at < cursor.length; at++) {
      // The lowest bit of each character: what base64 leaves unused at the end counts too.
      const changed = BASE64URL[BASE64URL.indexOf(cursor.charAt(at)) ^ 1] ?? "A";
      await assertForeign(tool, cursor.slice(0, at) + changed + cursor.slice(at + 1));
    }
  });

  test(`T48: ${tool} refuses cursors that were cut, lengthened or made up`, async ({ cursorOf, assertForeign }) => {
    const cursor = await cursorOf(tool);
    const [payload = "", mac = ""] = cursor.split(".");
    const made = Buffer.from(JSON.stringify(JSON.stringify(["0", ""]))).toString("base64url");
    const altered = [payload, `${payload}.`, `.${mac}`, `${cursor}A`, `${cursor}=`, `${cursor}.${mac}`];
    for (const forged of [...altered, `${made}.${mac}`, made, "0", "null", "../x"]) await assertForeign(tool, forged);
  });

  test(`T48: ${tool} refuses another workspace's cursor`, async ({ cursorOf, assertForeign, other }) => {
    await assertForeign(tool, await cursorOf(tool, {}, other));
  });

  test(`T48: ${tool} refuses the cursor of any other list`, async ({ cursorOf, assertForeign }) => {
    for (const list of LISTS) if (list.tool !== tool) await assertForeign(tool, await cursorOf(list.tool));
  });
}

test("T48: list_organizations refuses the cursor of another environment", async ({ cursorOf, assertForeign, own }) => {
  const cursor = await cursorOf("list_organizations", { environment_id: own.otherEnvironmentId });
  await assertForeign("list_organizations", cursor, { environment_id: own.environmentId });
});

test("T48: a cursor does not open a list whose environment the caller cannot see", async ({ cursorOf, read, other }) => {
  const cursor = await cursorOf("list_organizations");
  const { text } = await read("list_organizations", { cursor, environment_id: other.environmentId });
  assert.match(text, /^There is no environment/);
});

test("a cursor holds its place when newer organizations come between two pages", async ({ cursorOf, read, own, harness }) => {
  const place = { workspace_id: own.id, environment_id: own.otherEnvironmentId };
  const cursor = await cursorOf("list_organizations", { environment_id: own.otherEnvironmentId });
  const newer = {
    ...place,
    id: "org_newer000000000000000000000",
    name: "Newer",
    external_id: null,
    created_at: 5_000,
    version: 1,
    features: "{}",
  };
  await rowsOf(harness.store).insertInto("organization").values(newer).execute();
  const { value } = await read("list_organizations", { environment_id: own.otherEnvironmentId, cursor, page_size: 20 });
  const organizations = value["organizations"] as readonly Record<string, unknown>[];
  assert.deepEqual(
    organizations.map((row) => row["organization_id"]),
    own.otherOrganizationIds.toReversed().slice(1),
  );
});
