import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchToken } from "../support/remit.ts";
import { approvalOf, createWorld, person, press, textOf } from "./world.ts";

const WIPE = { box: "b1" };
const URL_CAPABLE = { meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } } };

test("a destructive call of a machine is held with its plan and a link, runs once after an admin approves it, and not again", async (t) => {
  const world = await createWorld(t);
  const held = await world.call(world.machine, "wipe_box", WIPE);
  assert.equal(held.body.result?.["isError"], true);
  assert.match(
    textOf(held),
    /needs the approval.*\nDeletes the box b1\.\n1 row would change\.\ndelete box b1.*\nLose access: grace@example\.com/s,
  );
  assert.deepEqual(world.runs, []);
  const { url } = approvalOf(held);
  assert.match((await press(world.admin, url, "Approve")).html, /was approved/);
  const done = await world.call(world.machine, "wipe_box", WIPE);
  assert.match(textOf(done), /Deleted b1/);
  assert.deepEqual(world.runs, ['wipe b1 {"b1":1}']);
  world.boxes.set("b1", { version: 1, owner: "grace@example.com" });
  const again = await world.call(world.machine, "wipe_box", WIPE, { params: { name: "wipe_box", arguments: WIPE, _meta: {} } });
  assert.equal(world.runs.length, 1, "the same call within a minute is answered with the first answer");
  assert.equal(textOf(again), textOf(done));
  const held2 = await world.call(world.machine, "wipe_box", WIPE, { meta: { "dev.remit/idempotency_key": "k2" } });
  assert.notEqual(approvalOf(held2).id, approvalOf(held).id);
  assert.equal(world.runs.length, 1);
  assert.equal((await world.events("approval.given")).length, 1);
  assert.equal((await world.events("held")).length, 2);
});

test("a client that can open a page for its person gets the link as a question; its own answer to that does nothing", async (t) => {
  const world = await createWorld(t);
  const asked = await world.call(world.forAda, "wipe_box", WIPE, URL_CAPABLE);
  assert.equal(asked.body.result?.["resultType"], "input_required");
  const { approval } = asked.body.result["inputRequests"] as { approval: { method: string; params: { url: string; mode: string } } };
  assert.equal(approval.method, "elicitation/create");
  assert.equal(approval.params.mode, "url");
  const retry = {
    ...URL_CAPABLE,
    params: {
      name: "wipe_box",
      arguments: WIPE,
      requestState: asked.body.result["requestState"],
      inputResponses: { approval: { action: "accept", content: { approved: true } } },
    },
  };
  const forged = await world.call(world.forAda, "wipe_box", WIPE, retry);
  assert.match(textOf(forged), /still waiting/);
  assert.deepEqual(world.runs, []);
  assert.match((await press(world.ada, approval.params.url, "Approve")).html, /was approved/);
  assert.match(textOf(await world.call(world.forAda, "wipe_box", WIPE, retry)), /Deleted b1/);
  assert.equal(world.runs.length, 1);
});

const forgeries: readonly [title: string, attempt: (world: Awaited<ReturnType<typeof createWorld>>, url: string) => Promise<void>][] = [
  [
    "a changed argument",
    async (world) => {
      world.boxes.set("b2", { version: 1, owner: "x" });
      assert.match(textOf(await world.call(world.machine, "wipe_box", { box: "b2" })), /needs the approval/);
    },
  ],
  [
    "a changed resource, with what changed",
    async (world) => {
      world.boxes.set("b1", { version: 2, owner: "mallory@example.com" });
      assert.match(
        textOf(await world.call(world.machine, "wipe_box", WIPE)),
        /does not count any more.*- Lose access: grace.*\+ Lose access: mallory/s,
      );
    },
  ],
  [
    "another agent with the same scopes",
    async (world) => assert.match(textOf(await world.call(world.forAda, "wipe_box", WIPE)), /needs the approval/),
  ],
];

for (const [title, attempt] of forgeries) {
  test(`an approval is no good for ${title}`, async (t) => {
    const world = await createWorld(t);
    const { url } = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
    await press(world.admin, url, "Approve");
    await attempt(world, url);
    assert.deepEqual(world.runs, []);
    assert.ok(world.boxes.has("b1"));
  });
}

test("who may not decide sees nothing and decides nothing; the attempt is on record", async (t) => {
  const world = await createWorld(t);
  const { url } = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
  const page = await world.viewer.open(url);
  assert.equal(page.status, 404);
  assert.doesNotMatch(page.html, /b1/);
  // With the form that the admin was shown, sent from the viewer's browser: their session's token is not in it.
  const shown = await world.admin.open(url);
  const sent = await world.viewer.submit(shown, { press: /Approve/ }, /approvals/);
  assert.notEqual(sent.status, 200);
  // And with a token of their own.
  const own = await world.viewer.open(`${world.server.url}/account`);
  const csrf = own.forms.flatMap(({ fields }) => fields).find(({ name }) => name === "csrf")?.value ?? "";
  const digest = shown.forms.flatMap(({ fields }) => fields).find(({ name }) => name === "digest")?.value ?? "";
  const forged = {
    ...shown,
    forms: [{ action: url, method: "post", fields: [], buttons: [{ name: "action", value: "approve", text: "Approve" }] }],
  };
  const withOwn = { ...forged, forms: forged.forms.map((form) => ({ ...form, fields: [field("csrf", csrf), field("digest", digest)] })) };
  await world.viewer.submit(withOwn, { press: /Approve/ });
  assert.match(textOf(await world.call(world.machine, "wipe_box", WIPE)), /needs the approval/);
  assert.deepEqual(world.runs, []);
  assert.equal((await world.events("approval.forbidden")).length, 1);
});

function field(name: string, value: string) {
  return { name, value, type: "hidden", isChecked: false, isDisabled: false };
}

test("the person an agent acts for may decide about it, and about nobody else's", async (t) => {
  const world = await createWorld(t);
  const own = approvalOf(await world.call(world.forAda, "wipe_box", WIPE));
  const others = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
  assert.equal((await world.ada.open(own.url)).status, 200);
  assert.equal((await world.ada.open(others.url)).status, 404);
  assert.equal((await world.admin.open(own.url)).status, 200);
  const queue = await world.admin.open(`${world.server.url}/approvals`);
  assert.ok(queue.html.includes(own.id) && queue.html.includes(others.id));
  assert.ok(!(await world.ada.open(`${world.server.url}/approvals`)).html.includes(others.id));
});

test("whoever made a machine agent cannot approve its calls alone: the page says so, it is on record, and another admin can", async (t) => {
  const world = await createWorld(t);
  const { operator, url: origin } = world.server;
  const maker = await person(operator, "maker@example.com", "admin", origin);
  const nobody = await operator.createAgent({ name: "own", scopes: ["box:write"], createdBy: "nobody@example.com" });
  assert.ok("problems" in nobody && nobody.problems[0]?.includes("there is nobody"));
  const made = await operator.createAgent({ name: "own", scopes: ["box:write"], createdBy: "Maker@example.com" });
  assert.ok("clientId" in made);
  const token = await fetchToken(origin, { clientId: made.clientId, clientSecret: made.clientSecret ?? "" });
  const { url } = approvalOf(await world.call(token, "wipe_box", WIPE));
  assert.match((await press(maker, url, "Approve")).html, /You made this agent, so somebody else has to approve/);
  assert.match(textOf(await world.call(token, "wipe_box", WIPE)), /needs the approval/);
  assert.deepEqual([world.runs, (await world.events("approval.forbidden")).length], [[], 1]);
  await press(world.admin, url, "Approve");
  assert.match(textOf(await world.call(token, "wipe_box", WIPE)), /Deleted b1/);
});

test("a refusal reaches the agent with its reason, and it is not asked again at once", async (t) => {
  const world = await createWorld(t);
  const { url } = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
  await press(world.admin, url, "Refuse", "Not that one");
  const told = textOf(await world.call(world.machine, "wipe_box", WIPE));
  assert.match(told, /refused this call.*"Not that one".*Do not try it again/);
  assert.deepEqual(world.runs, []);
  assert.equal((await world.events("approval.requested")).length, 1);
});

test("of 20 retries at the same time with keys of their own, an approval lets one through", async (t) => {
  const world = await createWorld(t);
  const { url } = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
  await press(world.admin, url, "Approve");
  const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
  await Promise.all(keys.map((key) => world.call(world.machine, "wipe_box", WIPE, { meta: { "dev.remit/idempotency_key": key } })));
  assert.equal(world.runs.length, 1);
});

test("an approver who is demoted before the call is made approves nothing", async (t) => {
  const world = await createWorld(t);
  const { url } = approvalOf(await world.call(world.machine, "wipe_box", WIPE));
  await press(world.admin, url, "Approve");
  assert.equal(await world.server.operator.disablePerson("admin@example.com"), true);
  assert.match(textOf(await world.call(world.machine, "wipe_box", WIPE)), /used or withdrawn/);
  assert.match(textOf(await world.call(world.machine, "wipe_box", WIPE)), /needs the approval/);
  assert.deepEqual(world.runs, []);
});
