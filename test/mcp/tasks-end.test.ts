/** How tasks end other than by being done: cancelled, expired, stopped, abandoned. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefusal } from "../../src/errors.ts";
import { ENGINES, POSTGRES, SQLITE } from "../store/support/engines.ts";
import { until } from "../support/remit.ts";
import { createTaskHarness, type TaskAgent } from "./tasks/task-harness.ts";
import { createTaskSurface } from "./tasks/task-surface.ts";

const ME: TaskAgent = {};
const DONE = { type: "complete", json: "{}" };

for (const engine of ENGINES) {
  test(`cancelling stops the run, is answered alike however often, and is final (${engine.name})`, async (t) => {
    const { gate, surface } = createTaskSurface();
    const it = await (await createTaskHarness(t, engine, surface)).open();
    const id = await it.start(ME, "change", { text: "x" });
    const news = it.follow(id);
    assert.deepEqual(await it.cancel(ME, id), DONE);
    assert.deepEqual(gate.aborted, ["change"]);
    const cancelled = await it.get(ME, id);
    assert.equal(cancelled.status, "cancelled");
    assert.deepEqual(await Promise.all([it.cancel(ME, id), it.cancel(ME, id)]), [DONE, DONE]);
    gate.open();
    await until(async () =>
      (await it.records()).some(({ kind, outcome }) => kind === "outcome" && outcome === "cancelled") ? true : undefined,
    );
    assert.deepEqual(await it.get(ME, id), cancelled);
    assert.deepEqual(
      news.map(({ detail }) => detail["status"]),
      ["cancelled"],
    );
  });
}

test("a task that waits for its client, and one that is done, can be cancelled; only the first changes", async (t) => {
  const { gate, surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  const asking = await it.start(ME, "ask", { text: "x" });
  const { inputRequests } = await it.reach(ME, asking, "input_required");
  assert.deepEqual(await it.cancel(ME, asking), DONE);
  const answers = Object.fromEntries(Object.keys(inputRequests ?? {}).map((key) => [key, 1]));
  assert.deepEqual(await it.update(ME, asking, answers), DONE);
  const cancelled = await it.get(ME, asking);
  assert.deepEqual([cancelled.status, cancelled.inputRequests], ["cancelled", undefined]);
  assert.equal(gate.entered.get("ask"), 1);
  gate.open();
  const id = await it.start(ME, "look", { text: "x" });
  const done = await it.reach(ME, id, "completed");
  assert.deepEqual(await it.cancel(ME, id), DONE);
  assert.deepEqual(await it.get(ME, id), done);
});

test("a cancellation that races with the end leaves one of the two for good, whatever the order", async (t) => {
  const { gate, surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  gate.open();
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 40 }), async (turns) => {
      const id = await it.start(ME, "look", { text: "x" });
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(await it.cancel(ME, id), DONE);
      const { status, result } = await it.get(ME, id);
      assert.equal(result !== undefined, status === "completed");
      assert.ok(["completed", "cancelled"].includes(status), status);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await it.get(ME, id)).status, status);
      seen.add(status);
    }),
    { numRuns: 40 },
  );
  assert.ok(seen.has("cancelled"));
});

test("an expired task is unknown at once, its run is ended, and its row goes", async (t) => {
  const { gate, surface } = createTaskSurface();
  const { clock, open } = await createTaskHarness(t, SQLITE, surface);
  const it = await open();
  const id = await it.start(ME, "look", { text: "x" });
  const { ttlMs } = await it.get(ME, id);
  clock.now += Number(ttlMs) - 1;
  assert.equal((await it.get(ME, id))["taskId"], id);
  clock.now += 1;
  const unknown = await it.request(ME, "tasks/get", { taskId: "tsk_never" });
  for (const method of ["tasks/get", "tasks/update", "tasks/cancel"])
    assert.deepEqual(await it.request(ME, method, { taskId: id, inputResponses: {} }), unknown);
  await until(() => (gate.aborted.length > 0 ? true : undefined));
  assert.equal(await it.store.tasks.sweep(clock.now), 1);
  assert.deepEqual(await it.store.db.selectFrom("mcp_task").selectAll().execute(), []);
});

test("a hint about the life of a task that older clients send changes nothing", async (t) => {
  const { surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  const call = { name: "look", arguments: { text: "x" }, task: { ttl: 1, pollInterval: 1 } };
  const answer = await it.request(ME, "tools/call", call);
  assert.ok(!isRefusal(answer));
  assert.equal((JSON.parse(answer.json) as Record<string, unknown>)["ttlMs"], 7_200_000);
});

test("an orderly stop lets others go on with what can be repeated, and fails what cannot", async (t) => {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const first = await harness.open();
  const [look, change] = [await first.start(ME, "look", { text: "x" }), await first.start(ME, "change", { text: "x" })];
  await until(() => (gate.entered.size === 2 ? true : undefined));
  await first.stop();
  assert.deepEqual(gate.aborted.sort(), ["change", "look"]);
  gate.open();
  const it = await harness.open();
  await it.reach(ME, look, "completed");
  assert.match(String((await it.get(ME, change))["statusMessage"]), /server stopped while the task ran/);
  assert.deepEqual([gate.entered.get("look"), gate.entered.get("change")], [2, 1]);
});

test("of many requests that find a task abandoned one runs it again", async (t) => {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const first = await harness.open();
  const id = await first.start(ME, "set", { text: "x" });
  await first.stop();
  const it = await harness.open();
  const found = await Promise.all(Array.from({ length: 10 }, () => it.get(ME, id)));
  assert.deepEqual([...new Set(found.map(({ status }) => status))], ["working"]);
  gate.open();
  await it.reach(ME, id, "completed");
  assert.equal(gate.entered.get("set"), 2);
});

test("a task whose node has not renewed its lease counts as abandoned, and not before", async (t) => {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const it = await harness.open();
  const id = await it.start(ME, "set", { text: "x" });
  const row = await it.store.db.selectFrom("mcp_task").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const elsewhere = { node: "other", instance: "ins_other", lease_until: harness.clock.now + 5000 };
  assert.equal(await it.store.tasks.change(id, row.version, elsewhere), true);
  await until(() => (gate.entered.has("set") ? true : undefined));
  await it.get(ME, id);
  assert.equal(gate.entered.get("set"), 1);
  harness.clock.now += 5000;
  gate.open();
  await it.reach(ME, id, "completed");
  assert.equal(gate.entered.get("set"), 2);
});

test("another node serves the task but leaves its run alone while the lease holds, and can cancel it (PostgreSQL)", async (t) => {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, POSTGRES, surface);
  const [one, two] = [await harness.open({ nodeId: "one" }), await harness.open({ nodeId: "two" })];
  const [look, change] = [await one.start(ME, "look", { text: "x" }), await one.start(ME, "change", { text: "x" })];
  assert.deepEqual([(await two.get(ME, look)).status, (await two.get(ME, change)).status], ["working", "working"]);
  assert.equal(gate.entered.get("look"), 1);
  assert.deepEqual(await two.cancel(ME, change), DONE);
  // The node that runs it notices when it next renews its leases.
  await until(() => (gate.aborted.includes("change") ? true : undefined));
  assert.equal((await one.get(ME, change)).status, "cancelled");
  assert.equal((await two.get(ME, look)).status, "working");
});
