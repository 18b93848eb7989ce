import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchToken } from "../support/remit.ts";
import { createWorld, textOf, type World } from "./world.ts";

const OFF = { REMIT_APPROVALS: "off" };

function changeIdOf(world: World, answer: Awaited<ReturnType<World["call"]>>): string {
  const meta = answer.body.result?.["_meta"] as { "dev.remit/undo"?: { change_id: string } } | undefined;
  assert.ok(meta?.["dev.remit/undo"] !== undefined, JSON.stringify(answer.body));
  return meta["dev.remit/undo"].change_id;
}

test("a change says how it is undone, is undone once, and the undoing is on record", async (t) => {
  const world = await createWorld(t, OFF);
  const done = await world.call(world.machine, "wipe_box", { box: "b1" });
  const id = changeIdOf(world, done);
  assert.match(textOf(done), new RegExp(`can be undone until .*change id is ${id}`));
  assert.ok(!world.boxes.has("b1"));
  assert.match(textOf(await world.call(world.machine, "undo_change", { change_id: id })), /b1 is back/);
  assert.deepEqual(world.boxes.get("b1"), { version: 9, owner: "grace@example.com" });
  const again = await world.call(world.machine, "undo_change", { change_id: id }, { meta: { "dev.remit/idempotency_key": "again" } });
  assert.match(textOf(again), /undone already/);
  assert.equal(world.runs.filter((run) => run.startsWith("undo")).length, 1);
  const records = (await world.server.records()).filter((record) => record["tool"] === "undo_change" && record["outcome"] === "ok");
  assert.equal(records.length, 1);
});

test("T43: a change id opens nothing for who could not have made the change, and for another workspace", async (t) => {
  const world = await createWorld(t, OFF);
  const id = changeIdOf(world, await world.call(world.machine, "wipe_box", { box: "b1" }));
  const reader = await fetchToken(world.server.url, await world.server.agent("box:undo"));
  const refused = textOf(await world.call(reader, "undo_change", { change_id: id }));
  const unknown = textOf(await world.call(reader, "undo_change", { change_id: "chg_none" }));
  assert.equal(refused, unknown);
  assert.ok(!world.boxes.has("b1"));
});

test("a repeated call is answered with the first answer, under a key of the client or the same call within a minute", async (t) => {
  const world = await createWorld(t);
  const first = await world.call(world.machine, "mark_box", { box: "a" });
  assert.equal(textOf(await world.call(world.machine, "mark_box", { box: "a" }, { id: 77 })), textOf(first));
  const key = { meta: { "dev.remit/idempotency_key": "order-1" } };
  const keyed = await world.call(world.machine, "mark_box", { box: "a" }, key);
  assert.notEqual(textOf(keyed), textOf(first));
  assert.equal(textOf(await world.call(world.machine, "mark_box", { box: "a" }, key)), textOf(keyed));
  assert.deepEqual(world.runs, ["mark a", "mark a"]);
  assert.match(textOf(await world.call(world.machine, "mark_box", { box: "b" }, key)), /used for a call with other arguments/);
  assert.match(textOf(await world.call(world.forAda, "mark_box", { box: "a" }, key)), /Marked a, run 3/);
  const repeats = (await world.server.records()).filter((record) => record["repeats"] !== undefined);
  assert.equal(repeats.length, 3);
});

test("of 20 calls at the same time with one key, one runs and the others are told to wait", async (t) => {
  const world = await createWorld(t);
  const key = { meta: { "dev.remit/idempotency_key": "once" } };
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.call(world.machine, "mark_box", { box: "a" }, key)));
  assert.deepEqual(world.runs, ["mark a"]);
  for (const answer of answers) assert.match(textOf(answer), /Marked a|under way/);
});

test("what failed on our side is not tried twice under one key, and may be tried again without", async (t) => {
  const world = await createWorld(t);
  const key = { meta: { "dev.remit/idempotency_key": "k" } };
  assert.equal((await world.call(world.machine, "mark_box", { box: "bad" }, key)).body.error?.code, -32603);
  assert.match(textOf(await world.call(world.machine, "mark_box", { box: "bad" }, key)), /cut off.*not known/);
  assert.equal((await world.call(world.machine, "mark_box", { box: "bad" })).body.error?.code, -32603);
  assert.equal(world.runs.length, 2);
});

for (const bad of ["", "x".repeat(201), 7, null]) {
  test(`the idempotency key ${JSON.stringify(bad).slice(0, 20)} is refused before anything runs`, async (t) => {
    const world = await createWorld(t);
    const answer = await world.call(world.machine, "mark_box", { box: "a" }, { meta: { "dev.remit/idempotency_key": bad } });
    assert.match(textOf(answer), /must be a text of 1 to 200/);
    assert.deepEqual(world.runs, []);
  });
}
