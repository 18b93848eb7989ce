import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Clients, Credentials, Grants, Health, Kill, Kills, LeastPrivilege } from "../../src/console/contract-evidence.ts";
import { askPerson, register } from "../support/connection.ts";
import { signInByLink } from "../support/person.ts";
import { callTool, closingWithFile, fetchToken, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { accountOf, type ConsoleClient, consoleOf, ok, person, refused } from "./support/console-client.ts";

const file = closingWithFile();
let server: TestServer;
let admin: ConsoleClient;
let owner: ConsoleClient;
let stranger: ConsoleClient;
/** Agents of the other workspace and of ours, with what they hold. */
let theirs: Made;
let ours: Made;

interface Made {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly grant: string;
}

before(async () => {
  const surface = createSurface();
  const scopes = { ...surface.scopes, "vault:read": { description: "Read the vault.", access: "read", role: "owner" } } as const;
  server = await startServer(file, {
    ...surface,
    scopes,
    workspaceIds: ["wks_test", "wks_other"],
    async fill(db, created_at) {
      const row = { id: "env_theirs", workspace_id: "wks_other", name: "Theirs", slug: "theirs", kind: "production" } as const;
      await db
        .insertInto("environment")
        .values({ ...row, created_at, version: 1, deleted_at: null })
        .execute();
    },
  });
  [admin, owner, stranger] = [
    await person(server, "admin", "wks_test"),
    await person(server, "owner", "wks_test"),
    await person(server, "owner", "wks_other"),
  ];
  ours = await hire(owner, "Ours", ["note:read", "note:write"]);
  theirs = await hire(stranger, "Theirs", ["note:read"]);
});

async function hire(who: ConsoleClient, name: string, scopes: readonly string[]): Promise<Made> {
  const { clientId, clientSecret } = await ok<Credentials>(who.post("agents", { name, scopes }));
  const { grants } = await ok<Grants>(who.get("grants"));
  const grant = grants.find((each) => each.clientId === clientId)?.id ?? assert.fail("it has a grant");
  return { clientId, clientSecret: clientSecret ?? "", grant };
}

const idOf = (who: ConsoleClient) => accountOf(server, who);

test("A new agent gets credentials that work, shown this once, and is on record with the person who made it", async () => {
  const made = await hire(owner, "Desk", ["note:read"]);
  const token = await fetchToken(server.url, made);
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 200);
  const { clients } = await ok<Clients>(owner.get("clients"));
  const shown = clients.find(({ id }) => id === made.clientId);
  assert.deepEqual([shown?.name, shown?.scopes, shown?.disabledAt], ["Desk", ["note:read"], null]);
  for (const path of ["clients", "grants", "identities", "kills", "least-privilege"])
    assert.doesNotMatch(JSON.stringify((await owner.get(path)).json), new RegExp(`${made.clientSecret}|secret|_hash`, "i"), path);
  const acted = (await server.records()).findLast((each) => each["act"] === "agents");
  assert.equal(acted?.["by"], await idOf(owner));
  assert.ok(!JSON.stringify(await server.records()).includes(made.clientSecret));
});

test("T74: nobody gives an agent more than their own role holds, and a request that is not as it should be makes none", async () => {
  const count = (await ok<Clients>(admin.get("clients"))).clients.length;
  assert.deepEqual(await refused(admin.post("agents", { name: "Up", scopes: ["note:read", "vault:read"] })), [403, "beyond_role"]);
  assert.deepEqual(await refused(admin.post("agents", { name: " ", scopes: ["note:read"] })), [400, "bad_request"]);
  assert.deepEqual(await refused(admin.post("agents", { name: "None", scopes: [] })), [400, "bad_request"]);
  assert.deepEqual(await refused(admin.post("agents", { name: "X", scopes: ["no:such"] })), [409, "not_done"]);
  assert.deepEqual(await refused(admin.post("agents", { name: "X", scopes: ["note:read"], workspaceId: "wks_other" })), [
    400,
    "bad_request",
  ]);
  assert.equal((await ok<Clients>(admin.get("clients"))).clients.length, count);
  assert.equal((await owner.post("agents", { name: "Vault", scopes: ["vault:read"] })).status, 200);
});

test("T74: what is of another workspace is neither seen nor stopped, and answers as what never was", async () => {
  const { clients } = await ok<Clients>(admin.get("clients"));
  const { grants } = await ok<Grants>(admin.get("grants"));
  const { grants: advice } = await ok<LeastPrivilege>(admin.get("least-privilege"));
  assert.ok(!JSON.stringify([clients, grants, advice]).includes(theirs.clientId));
  const stopped = await ok<Kill>(stranger.post("kill", { kind: "tool", value: "stream_echo", reason: "theirs" }));
  const cases: readonly (readonly [path: string, body: object | undefined, unknown: string, unknownBody: object | undefined])[] = [
    [`agents/${theirs.clientId}/disable`, undefined, "agents/agt_none/disable", undefined],
    [`agents/${theirs.clientId}/enable`, undefined, "agents/agt_none/enable", undefined],
    [`grants/${theirs.grant}/revoke`, undefined, "grants/gr_none/revoke", undefined],
    [`kill/${stopped.id}/lift`, undefined, "kill/kill_none/lift", undefined],
    ["kill", { kind: "agent", value: theirs.clientId }, "kill", { kind: "agent", value: "agt_none" }],
    ["kill", { kind: "grant", value: theirs.grant }, "kill", { kind: "grant", value: "gr_none" }],
    ["kill", { kind: "user", value: stranger.email }, "kill", { kind: "user", value: "nobody@example.com" }],
    ["kill", { kind: "workspace", value: "wks_other" }, "kill", { kind: "workspace", value: "wks_none" }],
    ["kill", { kind: "environment", value: "env_theirs" }, "kill", { kind: "environment", value: "env_none" }],
    ["least-privilege/apply", { agent: theirs.clientId }, "least-privilege/apply", { agent: "agt_none" }],
  ];
  for (const [path, body, unknown, unknownBody] of cases) {
    const [there, never] = [await owner.post(path, body), await owner.post(unknown, unknownBody)];
    assert.ok(there.status === 404 || path === "least-privilege/apply", `${path} ${there.status}`);
    const said = JSON.stringify(there.json).replaceAll(theirs.clientId, "agt_none");
    assert.deepEqual([there.status, said], [never.status, JSON.stringify(never.json)], path);
  }
  assert.deepEqual((await ok<Kills>(owner.get("kills"))).kills, []);
  assert.equal((await fetchToken(server.url, theirs)).split(".").length, 3);
  await ok(stranger.post(`kill/${stopped.id}/lift`));
});

test("Disabling an agent ends its tokens at once, on record with the person, and enabling lets it ask again", async () => {
  const token = await fetchToken(server.url, ours);
  await ok(admin.post(`agents/${ours.clientId}/disable`));
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 401);
  assert.deepEqual(await refused(admin.post(`agents/${ours.clientId}/disable`)), [409, "not_done"]);
  await ok(admin.post(`agents/${ours.clientId}/enable`));
  await fetchToken(server.url, ours);
  const events = (await server.records()).filter((each) => each["agent"] === ours.clientId && String(each["event"]).startsWith("agent."));
  assert.deepEqual(
    events.slice(-2).map((each) => [each["event"], each["by"]]),
    [
      ["agent.disabled", await idOf(admin)],
      ["agent.enabled", await idOf(admin)],
    ],
  );
});

test("Of what an agent was granted that is taken away which it never used, and a revoked grant opens nothing", async () => {
  const made = await hire(owner, "Wide", ["note:read", "note:write"]);
  const token = await fetchToken(server.url, made);
  await callTool(server, token, "echo", { text: "hi" });
  const { grants } = await ok<LeastPrivilege>(owner.get("least-privilege?days=7"));
  const advice = grants.find(({ grant }) => grant === made.grant);
  assert.deepEqual([advice?.agentName, advice?.used, advice?.proposed, advice?.is_narrower], ["Wide", ["note:read"], ["note:read"], true]);
  await ok(admin.post("least-privilege/apply", { agent: made.clientId, days: 7 }));
  assert.equal((await callTool(server, token, "write_note", { text: "hi" })).status, 403);
  const narrowed = (await server.records()).findLast((each) => each["event"] === "grant.narrowed");
  assert.deepEqual([narrowed?.["by"], narrowed?.["after"]], [await idOf(admin), ["note:read"]]);
  assert.deepEqual(await refused(admin.post("least-privilege/apply", { agent: made.clientId, days: 0 })), [400, "bad_request"]);
  await ok(admin.post(`grants/${made.grant}/revoke`));
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 401);
  assert.deepEqual(await refused(admin.post(`grants/${made.grant}/revoke`)), [409, "not_done"]);
  assert.ok(!(await ok<Grants>(owner.get("grants"))).grants.some(({ id }) => id === made.grant));
});

test("The kill switch gives a receipt, names who used it, and is lifted again", async () => {
  const token = await fetchToken(server.url, await hire(owner, "Caller", ["note:read"]));
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 200);
  const receipt = await ok<Kill>(admin.post("kill", { kind: "tool", value: "echo", reason: "it lies" }));
  assert.ok(receipt.applied_at !== null && receipt.accepted !== null);
  const answer = await callTool(server, token, "echo", { text: "hi" });
  assert.ok(answer.status !== 401 && answer.body.result?.["isError"] !== false, JSON.stringify(answer.body));
  const shown = await until(async () => {
    const { kills } = await ok<Kills>(owner.get("kills"));
    return kills.find(({ id, refused: first }) => id === receipt.id && first !== null);
  });
  assert.deepEqual([shown.reason, shown.lifted_at], ["it lies", null]);
  await ok(admin.post(`kill/${receipt.id}/lift`));
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 200);
  assert.deepEqual(await refused(admin.post(`kill/${receipt.id}/lift`)), [409, "not_done"]);
  const by = await idOf(admin);
  const events = (await server.records()).filter((each) => each["kill"] === receipt.id && each["by"] !== undefined);
  assert.deepEqual(
    events.map((each) => [each["event"], each["by"]]),
    [
      ["kill.ordered", by],
      ["kill.lifted", by],
    ],
  );
  assert.deepEqual(await refused(admin.post("kill", { kind: "tool", value: "nothing" })), [409, "not_done"]);
  assert.deepEqual(await refused(admin.post("kill", { kind: "moon", value: "x" })), [400, "bad_request"]);
});

test("A workspace that is stopped can still be looked at, and be let go on by who stopped it", async () => {
  const made = await hire(owner, "Stopped", ["note:read"]);
  const token = await fetchToken(server.url, made);
  assert.equal((await callTool(server, token, "echo", { text: "hi" })).status, 200);
  const receipt = await ok<Kill>(owner.post("kill", { kind: "workspace", value: "wks_test" }));
  assert.notEqual((await callTool(server, token, "echo", { text: "hi" })).status, 200);
  await ok(owner.post(`kill/${receipt.id}/lift`));
  assert.equal((await fetchToken(server.url, made)).split(".").length, 3);
});

test("T74: an admin stops no owner, nobody stops themselves, and only the operator lifts what the operator stopped", async () => {
  assert.deepEqual(await refused(admin.post("kill", { kind: "user", value: owner.email })), [403, "owner_needed"]);
  assert.deepEqual(await refused(owner.post("kill", { kind: "user", value: owner.email })), [409, "yourself"]);
  const leaver = await person(server, "viewer", "wks_test");
  const receipt = await ok<Kill>(admin.post("kill", { kind: "user", value: leaver.email.toUpperCase() }));
  assert.deepEqual([receipt.value, receipt.label], [await idOf(leaver), leaver.email]);
  assert.equal((await leaver.get("session")).status, 401);
  await ok(admin.post(`kill/${receipt.id}/lift`));
  assert.equal((await (await consoleOf(server, leaver.email)).get("session")).status, 200);
  const ordered = await server.operator.kill({ kind: "workspace", value: "wks_test" });
  assert.ok("id" in ordered);
  assert.deepEqual(await refused(owner.post(`kill/${ordered.id}/lift`)), [403, "operator_needed"]);
  assert.equal(await server.operator.liftKill(ordered.id), true);
});

test("T74: where several workspaces share a server, its folders and machines are not told to the people of one", async () => {
  const { checks } = await ok<Health>(owner.get("health"));
  assert.deepEqual(new Set(checks.map(({ state, says }) => `${state} ${says}`)), new Set(["ok All is well."]));
});

test("T74: a client or a person that other workspaces know too is not stopped for them", async () => {
  const link = await server.operator.createSignInLink(owner.email);
  const visitor = await signInByLink(server.url, "url" in link ? link.url : "");
  const clientId = await register({ origin: server.url }, { client_name: "Shared" });
  await askPerson({ origin: server.url }, { visitor }, { clientId, more: { resource: server.mcpUrl, scope: "note:read" } });
  const { grants } = await ok<Grants>(owner.get("grants"));
  const shared = grants.find((each) => each.clientId === clientId);
  assert.deepEqual([shared?.subject, shared?.clientName], [owner.email, "Shared"]);
  assert.deepEqual(await refused(owner.post(`agents/${encodeURIComponent(clientId)}/disable`)), [409, "shared"]);
  assert.deepEqual(await refused(owner.post("kill", { kind: "agent", value: clientId })), [409, "shared"]);
  assert.deepEqual(await refused(stranger.post(`agents/${encodeURIComponent(clientId)}/disable`)), [404, "not_found"]);
  await ok(owner.post("kill", { kind: "grant", value: shared?.id }));
  const { connections } = await ok<{ readonly connections: readonly Readonly<Record<string, unknown>>[] }>(owner.get("connections"));
  assert.ok(connections.some((each) => each["client_id"] === clientId) && connections.every((each) => !("link" in each)));
  assert.ok(!JSON.stringify((await stranger.get("connections")).json).includes(clientId));
});
