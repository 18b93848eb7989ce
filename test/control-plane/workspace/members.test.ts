import assert from "node:assert/strict";
import { controlPlane } from "../../../src/control-plane/index.ts";
import { direct } from "../support/direct.ts";
import { errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addMember, addWorkspace, rowsOf } from "../support/workspaces.ts";

const SCOPES = Object.keys(controlPlane.scopes).join(" ");

const test = onEachEngine(async (harness) => {
  let count = 0;
  return {
    /** A workspace of its own with an owner, an admin and a viewer, and the agents that act for them and for nobody. */
    async workspace() {
      const name = `W${++count}`;
      const own = await addWorkspace(rowsOf(harness.store), name);
      const rows = await rowsOf(harness.store)
        .selectFrom("member")
        .select(["role", "account_id"])
        .where("workspace_id", "=", own.id)
        .execute();
      const accounts = Object.fromEntries(rows.map(({ role, account_id }) => [role, account_id]));
      const agent = (who?: string) => ({
        workspaceId: own.id,
        scope: SCOPES,
        clientId: "agt_1",
        ...(who === undefined ? {} : { subject: accounts[who] ?? "" }),
      });
      return {
        own,
        name,
        agent,
        acts: (who?: string) => direct(harness, agent(who)),
        set: (who: string | undefined, member_id: unknown, role: string, more: object = {}) =>
          harness.call(agent(who), { tool: "update_workspace_member_role", arguments: { member_id, role, ...more } }),
        async roles() {
          const { value } = await harness.call(agent(), { tool: "list_workspace_members", arguments: { page_size: 100 } });
          const members = value["members"] as readonly { readonly member_id: string; readonly role: string }[];
          return Object.fromEntries(members.map(({ member_id, role }) => [member_id, role]));
        },
      };
    },
  };
});

/** Who may make whom what: nobody gives, changes or takes a role above their own, and an agent that acts for nobody counts as an admin. */
const matrix: readonly [who: string | undefined, whom: string, role: string, allowed: boolean][] = [
  [undefined, "viewer", "admin", true],
  [undefined, "viewer", "owner", false],
  [undefined, "owner", "viewer", false],
  ["admin", "viewer", "member", true],
  ["admin", "viewer", "owner", false],
  ["admin", "owner", "admin", false],
  ["owner", "viewer", "owner", true],
  ["owner", "admin", "viewer", true],
  ["viewer", "viewer", "admin", false],
];
for (const [who, whom, role, allowed] of matrix) {
  test(`an agent of ${who ?? "nobody"} ${allowed ? "makes" : "does not make"} the ${whom} ${role}`, async ({ workspace }) => {
    const { own, set, roles } = await workspace();
    const member_id = own.memberIds[whom] ?? "";
    const { isError, text } = await set(who, member_id, role);
    assert.equal(isError, !allowed, text);
    if (isError) assert.match(text, /above their own/);
    assert.equal((await roles())[member_id], allowed ? role : whom);
  });
}

test("an agent of somebody who is no member changes nobody", async ({ workspace, harness }) => {
  const { own, agent } = await workspace();
  const args = { member_id: own.memberIds["viewer"], role: "member" };
  const { text } = await harness.call({ ...agent(), subject: "acc_gone" }, { tool: "update_workspace_member_role", arguments: args });
  assert.match(text, /above their own: that is viewer here/);
});

test("the last owner is neither demoted nor removed, nor by anybody at the same time", async ({ workspace, harness }) => {
  const { own, name, acts, set, roles } = await workspace();
  const [first, admin] = [own.memberIds["owner"] ?? "", own.memberIds["admin"] ?? ""];
  assert.match((await set("owner", first, "admin")).text, /only owner/);
  assert.match(errorOf(await acts("owner").plan("remove_workspace_member", { member_id: first })), /only owner/);
  await set("owner", admin, "owner");
  const second = await addMember(rowsOf(harness.store), { workspaceId: own.id, name, who: "second" });
  const results = await Promise.all([first, admin].map((member_id) => set("owner", member_id, "viewer")));
  assert.equal(results.filter(({ isError }) => !isError).length, 1);
  assert.equal(Object.values(await roles()).filter((role) => role === "owner").length, 1);
  assert.equal((await roles())[second], "viewer");
});

test("a role is not changed at another version than expected", async ({ workspace }) => {
  const { own, set } = await workspace();
  const member_id = own.memberIds["viewer"];
  assert.deepEqual((await set("owner", member_id, "member", { expected_version: 1 })).value, { version: 2 });
  const { text } = await set("owner", member_id, "admin", { expected_version: 1 });
  assert.match(text, /Its version is 2\. There, role is "member" and you sent "admin"/);
});

test("remove_workspace_member says who loses access, and puts the person back with the same role", async ({ workspace }) => {
  const { own, name, acts, roles } = await workspace();
  const member_id = own.memberIds["viewer"] ?? "";
  const plan = valueOf(await acts("admin").plan("remove_workspace_member", { member_id }));
  assert.deepEqual(plan.losesAccess, [`viewer@${name.toLowerCase()}.example`]);
  const { answer, data } = await acts("admin").run("remove_workspace_member", { member_id });
  valueOf(answer);
  assert.equal((await roles())[member_id], undefined);
  valueOf(await acts("admin").undo("remove_workspace_member", data));
  assert.equal((await roles())[member_id], "viewer");
  assert.match(errorOf(await acts("admin").undo("remove_workspace_member", data)), /member of the workspace again/);
  const owner = own.memberIds["owner"] ?? "";
  assert.match(errorOf((await acts("admin").run("remove_workspace_member", { member_id: owner })).answer), /above their own/);
});

test("access that is limited to environments reaches no member", async ({ workspace, harness }) => {
  const { own, agent } = await workspace();
  const limited = { ...agent("owner"), environments: [own.environmentId] };
  const member_id = own.memberIds["viewer"];
  const calls = [
    ["invite_workspace_member", { email: "x@y.example", role: "viewer" }],
    ["update_workspace_member_role", { member_id, role: "member" }],
  ] as const;
  for (const [tool, args] of calls)
    assert.match((await harness.call(limited, { tool, arguments: args })).text, /limited to certain environments/);
  const { answer } = await direct(harness, limited).run("remove_workspace_member", { member_id });
  assert.match(errorOf(answer), /limited to certain environments/);
});
