import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import type { Approval, Approvals, Changes, WaitingApproval } from "../../src/console/contract-evidence.ts";
import type { CallLine, Identity } from "../../src/console/contract.ts";
import { createBoxes, scopes, textOf } from "../approvals/world.ts";
import { callTool, closingWithFile, fetchToken, startServer, type TestServer } from "../support/remit.ts";
import { accountOf, type ConsoleClient, ok, person, refused } from "./support/console-client.ts";

const file = closingWithFile();
const { boxes, runs, tools } = createBoxes();
let server: TestServer;
let member: ConsoleClient;
let admin: ConsoleClient;
let owner: ConsoleClient;
let stranger: ConsoleClient;
let agentId: string;
let token: string;

before(async () => {
  const write = { ...scopes["box:write"], role: "admin" } as const;
  server = await startServer(file, { scopes: { ...scopes, "box:write": write }, tools, workspaceIds: ["wks_test", "wks_other"] });
  [member, admin, owner, stranger] = [
    await person(server, "member", "wks_test"),
    await person(server, "admin", "wks_test"),
    await person(server, "owner", "wks_test"),
    await person(server, "owner", "wks_other"),
  ];
  const sweeper = await hire("Sweeper");
  agentId = sweeper.clientId;
  token = await fetchToken(server.url, sweeper);
});

async function hire(name: string) {
  const made = await server.operator.createAgent({ name, scopes: ["box:write"], workspaceId: "wks_test" });
  assert.ok("clientId" in made);
  return { clientId: made.clientId, clientSecret: made.clientSecret ?? "" };
}

/** Each test wipes a box of its own, so that none is answered with what another did. */
let box = "";
let count = 0;
beforeEach(() => {
  box = `b${++count}`;
  boxes.set(box, { version: 1, owner: "grace@example.com" });
});

const idOf = (who: ConsoleClient) => accountOf(server, who);
const wipe = async () => textOf(await callTool(server, token, "wipe_box", { box }));
const waiting = async (who: ConsoleClient) => (await ok<Approvals>(who.get("approvals"))).approvals;
const ofBox = (approvals: readonly WaitingApproval[]) => approvals.find(({ summary }) => summary === `Deletes the box ${box}.`);

async function held(): Promise<Approval> {
  assert.match(await wipe(), /needs the approval/);
  const { id } = ofBox(await waiting(owner)) ?? assert.fail("it waits");
  return ok<Approval>(owner.get(`approvals/${id}`));
}

/** A call of the person as the agent; what the agent would be told. */
async function callAs(who: ConsoleClient): Promise<string> {
  const identities = (await who.get("identities")).json as unknown as readonly Identity[];
  const as = identities.find(({ label }) => label === "Sweeper")?.id;
  const events: unknown[] = [];
  for await (const line of who.lines("call", { as, tool: "wipe_box", arguments: { box }, era: "2026-07-28" })) {
    const read = line as unknown as CallLine;
    if (read.type === "event") events.push(read.message);
  }
  return JSON.stringify(events.at(-1));
}

test("A call that waits is shown with its plan to those who may decide, and runs once when one approves what was shown", async () => {
  const approval = await held();
  assert.deepEqual([approval.clientId, approval.clientName, approval.actsFor, approval.madeBy], [agentId, "Sweeper", null, null]);
  assert.deepEqual([approval.plan.losesAccess, approval.approversNeeded], [["grace@example.com"], 1]);
  assert.deepEqual(await ok<Approval>(admin.get(`approvals/${approval.id}`)), approval);
  const path = `approvals/${approval.id}/approve`;
  assert.deepEqual(await refused(admin.post(path, { digest: "another", reason: "" })), [409, "not_decided"]);
  assert.deepEqual(await refused(admin.post(path, {})), [400, "bad_request"]);
  assert.deepEqual(runs, []);
  assert.deepEqual(await ok(admin.post(path, { digest: approval.digest, reason: "" })), { state: "approved" });
  assert.match(await wipe(), /Deleted/);
  assert.equal(runs.length, 1);
  assert.deepEqual(await refused(owner.post(path, { digest: approval.digest })), [409, "not_decided"]);
  const given = (await server.records()).filter((each) => each["approval"] === approval.id && each["event"] === "approval.given");
  assert.deepEqual(
    given.map((each) => each["by"]),
    [await idOf(admin)],
  );
});

test("A refusal reaches the agent with its reason", async () => {
  const approval = await held();
  await ok(admin.post(`approvals/${approval.id}/refuse`, { digest: approval.digest, reason: "The box is in use." }));
  assert.match(await wipe(), /refused this call.*The box is in use/);
  assert.equal(ofBox(await waiting(owner)), undefined);
});

test("T74: who may not decide sees nothing, decides nothing, and learns nothing of another workspace", async () => {
  const approval = await held();
  const decision = { digest: approval.digest };
  assert.equal(ofBox(await waiting(member)), undefined);
  assert.deepEqual(await refused(member.get(`approvals/${approval.id}`)), [404, "not_found"]);
  assert.deepEqual(await refused(member.post(`approvals/${approval.id}/approve`, decision)), [409, "not_decided"]);
  assert.ok((await server.records()).some((each) => each["event"] === "approval.forbidden" && each["approval"] === approval.id));
  assert.deepEqual(await waiting(stranger), []);
  for (const verb of ["", "/approve", "/refuse"]) {
    const ask = (id: string) => (verb === "" ? stranger.get(`approvals/${id}`) : stranger.post(`approvals/${id}${verb}`, decision));
    assert.deepEqual((await ask(approval.id)).json, (await ask("apr_none")).json, verb);
    assert.deepEqual(await refused(ask(approval.id)), [404, "not_found"]);
  }
  assert.match(await wipe(), /needs the approval/);
});

test("T74: nobody approves a call that they made themselves as an agent, and no approval of the agent's own call is good for it", async () => {
  const own = await held();
  await ok(owner.post(`approvals/${own.id}/approve`, { digest: own.digest }));
  assert.match(await callAs(admin), /needs the approval/, "the approval is for the agent's call");
  const { id } = (await waiting(owner)).find(({ madeBy }) => madeBy === admin.email) ?? assert.fail("it waits");
  const made = await ok<Approval>(owner.get(`approvals/${id}`));
  const decision = { digest: made.digest };
  assert.deepEqual(await refused(admin.post(`approvals/${made.id}/approve`, decision)), [409, "not_decided"]);
  const forbidden = (await server.records()).findLast((each) => each["event"] === "approval.forbidden");
  assert.deepEqual([forbidden?.["approval"], forbidden?.["by"]], [made.id, await idOf(admin)]);
  assert.ok(boxes.has(box));
  assert.deepEqual(await ok(owner.post(`approvals/${made.id}/approve`, decision)), { state: "approved" });
  assert.match(await callAs(owner), /needs the approval/, "it is for the call of the other person");
  assert.match(await callAs(admin), /Deleted/);
});

test("An agent buries nobody in requests: neither in many nor in large ones, and those of others still wait in sight", async () => {
  const other = await fetchToken(server.url, await hire("Flood"));
  const ask = async (name: string) => textOf(await callTool(server, other, "wipe_box", { box: name }));
  assert.match(await ask("x".repeat(200_000)), /nobody was asked.*larger than 128 KiB/);
  const told = [];
  for (let i = 0; i < 25; i++) told.push(await ask(`flood ${i}`));
  assert.deepEqual(
    told.map((text) => /20 calls of this agent wait/.test(text)),
    Array.from({ length: 25 }, (_, i) => i >= 20),
  );
  assert.match(await ask("flood 3"), /Ask an owner or admin/, "one that waits goes on waiting");
  assert.ok((await held()).id !== "");
  const list = JSON.stringify((await owner.get("approvals")).json);
  assert.ok(!list.includes('"arguments"') && list.length < 40_000);
});

test("A change is taken back by a person, once, also when its agent and its tool are stopped; it is on record", async () => {
  const approval = await held();
  await ok(owner.post(`approvals/${approval.id}/approve`, { digest: approval.digest }));
  await wipe();
  const { changes } = await ok<Changes>(member.get("changes"));
  const [change] = changes;
  assert.ok(change !== undefined && change.until > change.at);
  assert.deepEqual([change.tool, change.agent, change.summary, change.undoneAt], ["wipe_box", "Sweeper", `Deletes the box ${box}.`, null]);
  assert.deepEqual((await stranger.get("changes")).json, { changes: [] });
  assert.deepEqual(await refused(stranger.post(`changes/${change.id}/undo`)), [404, "not_found"]);
  assert.deepEqual(await refused(member.post(`changes/${change.id}/undo`)), [403, "beyond_role"]);
  await ok(owner.post("kill", { kind: "tool", value: "wipe_box" }));
  await ok(owner.post(`agents/${agentId}/disable`));
  const both = await Promise.all([admin.post(`changes/${change.id}/undo`), admin.post(`changes/${change.id}/undo`)]);
  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  );
  assert.ok(boxes.has(box));
  assert.equal(runs.filter((run) => run === `undo ${box}`).length, 1);
  assert.deepEqual(await refused(admin.post(`changes/${change.id}/undo`)), [409, "not_done"]);
  assert.ok((await ok<Changes>(member.get("changes"))).changes.some(({ id, undoneAt }) => id === change.id && undoneAt !== null));
  const undone = (await server.records()).filter((each) => each["event"] === "change.undone");
  assert.deepEqual(
    undone.map((each) => [each["change"], each["agent"], each["by"]]),
    [[change.id, agentId, await idOf(admin)]],
  );
});
