import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openStore, type FailureRow, type FailureStore } from "../../src/store/index.ts";
import { ENGINES, type TestEngine } from "./support/engines.ts";

const row = (id: string, change: Partial<FailureRow> = {}): FailureRow => ({
  id,
  workspace_id: "wks_1",
  cause: "wrong_type",
  target: "look",
  path: "/count",
  detail: "string",
  expected: "number",
  suggestion: "",
  calls: 1,
  agents: '["agt_1"]',
  first_at: 1000,
  last_at: 1000,
  decision: "dec_1",
  example: "{}",
  ...change,
});

async function openFailures(t: TestContext, engine: TestEngine): Promise<FailureStore> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  return store.failures;
}

const idsOf = (rows: readonly FailureRow[]) => rows.map(({ id }) => id);

for (const engine of ENGINES) {
  test(`rows with the same id add up, keep their start and show the newest call (${engine.name})`, async (t) => {
    const failures = await openFailures(t, engine);
    assert.equal(await failures.through("main"), 0);
    await failures.add([row("fail_1", { calls: 2 }), row("fail_2")], { chain: "main", through_seq: 7 });
    const later = { calls: 3, agents: '["agt_2","agt_1"]', first_at: 2000, last_at: 3000, decision: "dec_9", example: '{"a":1}' };
    await failures.add([row("fail_1", later)], { chain: "main", through_seq: 12 });
    await failures.add([], { chain: "other", through_seq: 3 });
    assert.deepEqual([await failures.through("main"), await failures.through("other")], [12, 3]);
    const expected = row("fail_1", { ...later, calls: 5, first_at: 1000, agents: '["agt_1","agt_2"]' });
    assert.deepEqual(await failures.find("fail_1"), expected);
    assert.deepEqual(idsOf(await failures.list({ limit: 10 })), ["fail_1", "fail_2"]);
  });

  test(`no row is written without the progress, and no progress without its rows (${engine.name})`, async (t) => {
    const failures = await openFailures(t, engine);
    await failures.add([row("fail_1")], { chain: "main", through_seq: 4 });
    const broken = row("fail_3", { calls: null as unknown as number });
    await assert.rejects(failures.add([row("fail_2"), broken], { chain: "main", through_seq: 9 }));
    assert.equal(await failures.through("main"), 4);
    assert.deepEqual(idsOf(await failures.list({ limit: 10 })), ["fail_1"]);
  });

  test(`a list shows one workspace, cause, target or time, and a row knows few agents (${engine.name})`, async (t) => {
    const failures = await openFailures(t, engine);
    const many = JSON.stringify(Array.from({ length: 20 }, (_, i) => `agt_${i}`));
    const rows = [
      row("fail_1", { agents: many }),
      row("fail_2", { workspace_id: "wks_2" }),
      row("fail_3", { cause: "missing_scope" }),
      row("fail_4", { target: "write", last_at: 5000 }),
    ];
    await failures.add(rows, { chain: "main", through_seq: 4 });
    const list = async (search: object) => idsOf(await failures.list({ limit: 10, ...search })).sort();
    assert.deepEqual(await list({ workspaceId: "wks_2" }), ["fail_2"]);
    assert.deepEqual(await list({ cause: "missing_scope" }), ["fail_3"]);
    assert.deepEqual(await list({ target: "write", workspaceId: "wks_1" }), ["fail_4"]);
    assert.deepEqual(await list({ since: 1001 }), ["fail_4"]);
    assert.equal((await list({ limit: 2 })).length, 2);
    assert.equal(JSON.parse((await failures.find("fail_1"))?.agents ?? "").length, 8);
  });

  test(`a sweep takes what is old, then the rarest of a workspace that has too many (${engine.name})`, async (t) => {
    const failures = await openFailures(t, engine);
    const rows = [
      row("fail_old", { last_at: 10, calls: 99 }),
      row("fail_a", { calls: 3 }),
      row("fail_b", { calls: 2, last_at: 2000 }),
      row("fail_c", { calls: 2, last_at: 1500 }),
      row("fail_d", { workspace_id: "wks_2" }),
    ];
    await failures.add(rows, { chain: "main", through_seq: 4 });
    await failures.sweep({ before: 1000, maxRows: 2 });
    assert.deepEqual(idsOf(await failures.list({ limit: 10 })).sort(), ["fail_a", "fail_b", "fail_d"]);
  });
}
