import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  const { ok } = world;
  await ok("create_environment_role", { name: "viewer", display_name: "Viewer" });
  let count = 0;
  return {
    ...world,
    async organization() {
      const { organization_id } = await ok("create_organization", { name: `Users ${++count}` });
      return String(organization_id);
    },
    users: async (organization_id: string) => (await ok("list_organization_users", { organization_id }))["users"] as Rows,
  };
});

test("a user is created with an email in lower case and a role by its name, and listed with both", async ({ ok, organization, users }) => {
  const organization_id = await organization();
  const { user_id } = await ok("create_organization_user", {
    organization_id,
    email: " Hank@Globex.Example ",
    name: "Hank Scorpio",
    role: "viewer",
  });
  const rest = { email: "hank@globex.example", name: "Hank Scorpio", role: "viewer", version: 1 };
  assert.deepEqual(await users(organization_id), [{ user_id, ...rest }]);
});

test("a user without a role gets the default one, of the organization before that of the environment", async ({
  ok,
  organization,
  users,
}) => {
  const organization_id = await organization();
  const roleOf = async (email: string) => {
    await ok("create_organization_user", { organization_id, email });
    return (await users(organization_id)).find((user) => user["email"] === email)?.["role"];
  };
  assert.equal(await roleOf("none@x.example"), null);
  const { role_id } = await ok("create_environment_role", { name: "everybody", display_name: "E", is_default: true });
  assert.equal(await roleOf("one@x.example"), "everybody");
  await ok("update_environment_role", { role_id, is_default: false });
  assert.equal(await roleOf("two@x.example"), null);
});

test("an email is taken once in an organization and free in another", async ({ ok, refused, organization }) => {
  const [first, second] = [await organization(), await organization()];
  const email = "twice@x.example";
  await ok("create_organization_user", { organization_id: first, email });
  assert.match(await refused("create_organization_user", { organization_id: first, email: "TWICE@x.example" }), /email exists already/);
  await ok("create_organization_user", { organization_id: second, email });
});

test("emails that are none, and roles that there are not, are refused", async ({ refused, organization }) => {
  const organization_id = await organization();
  for (const email of ["x", "a@b c", "<a@b.example>", "a@b.example\nBcc: c@d.example", "a b@c.example", `${"x".repeat(65)}@y.example`])
    assert.match(await refused("create_organization_user", { organization_id, email }), /\/email/, email);
  const unknown = await refused("create_organization_user", { organization_id, email: "a@b.example", role: "emperor" });
  assert.match(unknown, /There is no role emperor.*list_environment_roles/);
});

test("update_organization_user changes name and role, and search finds the new name only", async ({ ok, refused, organization, users }) => {
  const organization_id = await organization();
  const { user_id } = await ok("create_organization_user", { organization_id, email: "u1@x.example", name: "Wilhelmina" });
  const user = { organization_id, user_id };
  assert.deepEqual(await ok("update_organization_user", { ...user, name: "Mathilda", role: "viewer" }), { version: 2 });
  const [shown] = await users(organization_id);
  assert.deepEqual([shown?.["name"], shown?.["role"]], ["Mathilda", "viewer"]);
  const found = async (query: string) => ((await ok("search_users", { query }))["users"] as Rows).length;
  assert.deepEqual([await found("mathil"), await found("wilhel")], [1, 0]);
  assert.match(await refused("update_organization_user", { ...user, role: "emperor" }), /There is no role emperor/);
  assert.match(await refused("update_organization_user", user), /Nothing was sent/);
  const stale = await refused("update_organization_user", { ...user, name: "Third", expected_version: 1 });
  assert.match(stale, /Its version is 2\. There, name is "Mathilda" and you sent "Third"/);
});

test("delete_organization_user says who loses access, and brings the user back with role and name", async ({
  acts,
  at,
  ok,
  organization,
  users,
}) => {
  const organization_id = await organization();
  const made = { organization_id, email: "gone@x.example", name: "Gone Girl", role: "viewer" };
  const { user_id } = await ok("create_organization_user", made);
  const args = at({ organization_id, user_id });
  assert.deepEqual(valueOf(await acts.plan("delete_organization_user", args)).losesAccess, ["gone@x.example"]);
  const { answer, data } = await acts.run("delete_organization_user", args);
  valueOf(answer);
  assert.deepEqual(await users(organization_id), []);
  assert.deepEqual((await ok("search_users", { query: "gone" }))["users"], []);
  assert.match(errorOf((await acts.run("delete_organization_user", args)).answer), /There is no user/);
  valueOf(await acts.undo("delete_organization_user", data));
  const [back] = await users(organization_id);
  assert.deepEqual([back?.["user_id"], back?.["role"], back?.["name"]], [user_id, "viewer", "Gone Girl"]);
  assert.equal(((await ok("search_users", { query: "gone girl" }))["users"] as Rows).length, 1);
  assert.match(errorOf(await acts.undo("delete_organization_user", data)), /email exists already/);
});
