import assert from "node:assert/strict";
import type { Kysely } from "kysely";
import { controlPlane, type ControlPlaneTables } from "../../../src/control-plane/index.ts";
import { sweep } from "../../../src/control-plane/tables/sweep.ts";
import type { ToolTables } from "../../../src/store/index.ts";
import { acme } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { rowsOf } from "../support/workspaces.ts";

const DAY_MS = 86_400_000;

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  const db = harness.store.db as unknown as Kysely<ToolTables & ControlPlaneTables>;
  return {
    ...world,
    db,
    token: (url: unknown) => String(url).slice("https://remit.example/links/".length),
    find: (token: string) => controlPlane.links.find(db, token, harness.clock.now),
    confirm: (token: string, form: Readonly<Record<string, string>> = {}) =>
      controlPlane.links.confirm(db, token, { nowMs: harness.clock.now, form }),
  };
});

test("an invitation makes the account and the member with the role that was chosen, once", async ({ ok, token, find, confirm }) => {
  const { url, mailed } = await ok("invite_workspace_member", { email: "Dana@acme.example", role: "member" });
  assert.equal(mailed, false);
  const link = await find(token(url));
  assert.deepEqual([link?.state, link?.title, link?.fields.map(({ name }) => name)], ["open", "Join Acme", ["name"]]);
  assert.deepEqual(await confirm(token(url), { name: " " }), { problem: "Say your name, in 1 to 100 characters." });
  assert.equal((await find(token(url)))?.state, "open");
  assert.match(JSON.stringify(await confirm(token(url), { name: "Dana" })), /member of this workspace now/);
  assert.equal((await find(token(url)))?.state, "used");
  assert.match(JSON.stringify(await confirm(token(url), { name: "Mallory" })), /was used or has expired/);
  const { members } = await ok("list_workspace_members", { page_size: 100 });
  const dana = (members as readonly Readonly<Record<string, unknown>>[]).find((each) => each["email"] === "dana@acme.example");
  assert.deepEqual([dana?.["name"], dana?.["role"]], ["Dana", "member"]);
});

test("an invitation of somebody with an account asks for no name and changes nothing of the account", async ({
  ok,
  token,
  find,
  confirm,
  harness,
}) => {
  const account = { id: "acc_elsewhere", email: "erin@elsewhere.example", name: "Erin", created_at: 1 };
  await rowsOf(harness.store).insertInto("account").values(account).execute();
  const { url } = await ok("invite_workspace_member", { email: account.email, role: "viewer" });
  assert.deepEqual((await find(token(url)))?.fields, []);
  await confirm(token(url), { name: "Mallory" });
  const { members } = await ok("list_workspace_members", { page_size: 100 });
  assert.ok(JSON.stringify(members).includes('"name":"Erin","email":"erin@elsewhere.example"'));
});

test("nobody is invited above the role of who invites, or twice", async ({ refused, ok, token, confirm }) => {
  assert.match(await refused("invite_workspace_member", { email: "x@y.example", role: "owner" }), /above their own/);
  const { url } = await ok("invite_workspace_member", { email: "fred@acme.example", role: "viewer" });
  await confirm(token(url), { name: "Fred" });
  assert.match(await refused("invite_workspace_member", { email: "fred@acme.example", role: "admin" }), /member of the workspace already/);
});

test("an admin portal link edits the name and the features of its organization", async ({ ok, token, find, confirm }) => {
  const { organization_id } = await ok("create_organization", { name: "Portal" });
  const features = [
    { name: "sso", enabled: true },
    { name: "audit", enabled: false },
  ];
  await ok("update_organization_settings", { organization_id, features });
  const { url } = await ok("generate_admin_portal_link", { organization_id });
  const link = await find(token(url));
  assert.deepEqual(
    link?.fields.map(({ name, kind, value }) => [name, kind, value]),
    [
      ["name", "text", "Portal"],
      ["feature:sso", "checkbox", "true"],
      ["feature:audit", "checkbox", "false"],
    ],
  );
  const form = { name: "Portal Ltd", "feature:sso": "false", "feature:audit": "true", "feature:admin": "true" };
  assert.deepEqual("done" in (await confirm(token(url), form)), true);
  const shown = await ok("get_organization_details", { organization_id });
  assert.deepEqual([shown["name"], shown["features"]], ["Portal Ltd", { sso: false, audit: true }]);
  assert.equal(((await ok("search_organizations", { query: "portal ltd" }))["organizations"] as readonly unknown[]).length, 1);
});

test("a link about an organization that is gone shows and does nothing, and works again when the deletion is undone", async ({
  acts,
  at,
  ok,
  token,
  find,
  confirm,
}) => {
  const { organization_id } = await ok("create_organization", { name: "Vanishing" });
  const { url } = await ok("generate_admin_portal_link", { organization_id });
  const { data } = await acts.run("delete_organization", at({ organization_id }));
  assert.equal(await find(token(url)), undefined);
  assert.match(JSON.stringify(await confirm(token(url), { name: "X" })), /does not exist any more/);
  await acts.undo("delete_organization", data);
  assert.equal((await find(token(url)))?.state, "open");
});

test("a magic link connects the account of the person who opens it", async ({ ok, token, confirm, harness }) => {
  const whose = { identifier: "bruno@globex.example", connector: "slack" };
  const first = await ok("create_connected_account_magic_link", whose);
  harness.clock.now += 60_001;
  const second = await ok("create_connected_account_magic_link", whose);
  assert.equal(first["connected_account_id"], second["connected_account_id"]);
  assert.notEqual(first["url"], second["url"]);
  const connectedAt = async () => {
    const { connected_accounts } = await ok("list_connected_accounts");
    return (connected_accounts as readonly Readonly<Record<string, unknown>>[])[0]?.["connected_at"];
  };
  assert.equal(await connectedAt(), null);
  await confirm(token(second["url"]));
  assert.equal(await connectedAt(), new Date(harness.clock.now).toISOString());
});

test("of fifty who confirm one link at the same time, exactly one does", async ({ ok, token, confirm, db }) => {
  const { url } = await ok("invite_workspace_member", { email: "race@acme.example", role: "viewer" });
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => confirm(token(url), { name: `Racer ${i}` })));
  assert.equal(results.filter((result) => "done" in result).length, 1);
  const accounts = await db.selectFrom("account").select("id").where("email", "=", "race@acme.example").execute();
  assert.equal(accounts.length, 1);
});

test("a link ends at its time, and what ended is swept", async ({ ok, token, find, confirm, db, harness }) => {
  const { url, expires_at } = await ok("invite_workspace_member", { email: "late@acme.example", role: "viewer" });
  const start = harness.clock.now;
  assert.equal(Date.parse(String(expires_at)), start + 7 * DAY_MS);
  harness.clock.now = start + 7 * DAY_MS;
  assert.equal((await find(token(url)))?.state, "expired");
  assert.ok("problem" in (await confirm(token(url), { name: "Late" })));
  await sweep(db, harness.clock.now + 1);
  assert.equal(await find(token(url)), undefined);
  harness.clock.now = start;
});

test("the token of a link is 256 bits, is stored nowhere, and no other text opens anything", async ({ ok, token, find, confirm, db }) => {
  const { url } = await ok("invite_workspace_member", { email: "guess@acme.example", role: "viewer" });
  assert.match(token(url), /^[A-Za-z0-9_-]{43}$/);
  const rows = await db.selectFrom("link").selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(token(url)));
  for (const guess of ["", "x", rows[0]?.token_hash ?? "", `${token(url)}A`, token(url).slice(1), "' or 1=1 --"]) {
    assert.equal(await find(guess), undefined);
    assert.ok("problem" in (await confirm(guess, { name: "G" })));
  }
});
