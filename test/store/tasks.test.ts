import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openStore, type TaskRow, type TaskStore } from "../../src/store/index.ts";
import { ENGINES, type TestEngine } from "./support/engines.ts";

const OWNER = { workspaceId: "wks_1", clientId: "agt_1", subject: "acc_1" };
const NOW = 1_000_000;

const row = (id: string, change: Partial<TaskRow> = {}): TaskRow => ({
  id,
  workspace_id: OWNER.workspaceId,
  client_id: OWNER.clientId,
  subject: OWNER.subject,
  tool: "work",
  status: "working",
  status_message: null,
  sealed_input: "sealed",
  sealed_state: null,
  round: 1,
  version: 1,
  node: "main",
  instance: "ins_1",
  lease_until: NOW + 15_000,
  created_at: NOW,
  updated_at: NOW,
  expires_at: NOW + 60_000,
  ...change,
});

async function openTasks(t: TestContext, engine: TestEngine): Promise<TaskStore> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  return store.tasks;
}

const PLENTY = { unfinished: 100, kept: 100 };

for (const engine of ENGINES) {
  test(`a task is found by its own principal until it expires, and comes back as it was stored (${engine.name})`, async (t) => {
    const tasks = await openTasks(t, engine);
    const stored = row("tsk_1", { status_message: "on it", sealed_state: "state" });
    assert.equal(await tasks.create(stored, PLENTY), "created");
    assert.deepEqual(await tasks.find("tsk_1", OWNER, NOW), stored);
    assert.deepEqual(await tasks.findAll(["tsk_1", "tsk_2"], OWNER, NOW), [stored]);
    assert.deepEqual(await tasks.findAll([], OWNER, NOW), []);
    for (const other of [{ workspaceId: "wks_2" }, { clientId: "agt_2" }, { subject: "acc_2" }]) {
      assert.equal(await tasks.find("tsk_1", { ...OWNER, ...other }, NOW), undefined);
      assert.deepEqual(await tasks.findAll(["tsk_1"], { ...OWNER, ...other }, NOW), []);
    }
    assert.ok(await tasks.find("tsk_1", OWNER, NOW + 59_999));
    assert.equal(await tasks.find("tsk_1", OWNER, NOW + 60_000), undefined);
    assert.equal(await tasks.sweep(NOW + 59_999), 0);
    assert.equal(await tasks.sweep(NOW + 60_000), 1);
  });

  test(`of changes of one version that come at once exactly one is made (${engine.name})`, async (t) => {
    const tasks = await openTasks(t, engine);
    await tasks.create(row("tsk_1"), PLENTY);
    const states = Array.from({ length: 10 }, (_, i) => `state ${i}`);
    const made = await Promise.all(states.map((sealed_state) => tasks.change("tsk_1", 1, { status: "completed", sealed_state })));
    assert.equal(made.filter(Boolean).length, 1);
    const after = await tasks.find("tsk_1", OWNER, NOW);
    assert.deepEqual([after?.version, after?.sealed_state], [2, states[made.indexOf(true)]]);
    await tasks.note("tsk_1", 1, { message: "too late", at: NOW + 1 });
    assert.deepEqual(await tasks.find("tsk_1", OWNER, NOW), after);
    assert.equal(await tasks.change("tsk_2", 1, { status: "failed" }), false);
  });

  test(`an agent gets no more tasks than it may have, however many are created at once (${engine.name})`, async (t) => {
    const tasks = await openTasks(t, engine);
    const limits = { unfinished: 5, kept: 7 };
    const create = (prefix: string, change: Partial<TaskRow> = {}) =>
      Promise.all(Array.from({ length: 12 }, (_, i) => tasks.create(row(`${prefix}${i}`, change), limits)));
    const count = (results: readonly string[], what: string) => results.filter((result) => result === what).length;
    const first = await create("a");
    assert.deepEqual([count(first, "created"), count(first, "too_many_unfinished")], [5, 7]);
    assert.equal(count(await create("b", { client_id: "agt_2" }), "created"), 5);
    // Those of a process that is gone hold up no others, but are still kept.
    const later = await create("c", { created_at: NOW + 20_000, lease_until: NOW + 40_000, expires_at: NOW + 90_000 });
    assert.deepEqual([count(later, "created"), count(later, "too_many_kept")], [2, 10]);
    const last = await create("d", { created_at: NOW + 60_000, lease_until: NOW + 80_000, expires_at: NOW + 90_000 });
    assert.equal(count(last, "created"), 5, "expired tasks do not count");
  });

  test(`a lease is renewed for the instance that runs the task, as long as it works (${engine.name})`, async (t) => {
    const tasks = await openTasks(t, engine);
    await tasks.create(row("mine"), PLENTY);
    await tasks.create(row("theirs", { instance: "ins_2" }), PLENTY);
    await tasks.create(row("done", { status: "completed" }), PLENTY);
    assert.deepEqual(await tasks.renew(["mine", "theirs", "done", "none"], "ins_1", NOW + 30_000), ["mine"]);
    const leases = await tasks.findAll(["mine", "theirs", "done"], OWNER, NOW);
    assert.deepEqual(
      new Map(leases.map(({ id, lease_until }) => [id, lease_until])),
      new Map([
        ["mine", NOW + 30_000],
        ["theirs", NOW + 15_000],
        ["done", NOW + 15_000],
      ]),
    );
    await tasks.remove("mine");
    assert.equal(await tasks.find("mine", OWNER, NOW), undefined);
  });
}
