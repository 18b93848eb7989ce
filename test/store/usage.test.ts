import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openStore, type UsageAddition, type UsageKey, type UsageStore } from "../../src/store/index.ts";
import { ENGINES, type TestEngine } from "./support/engines.ts";

const HOUR = 3_600_000;

const key = (change: Partial<UsageKey> = {}): UsageKey => ({
  workspace_id: "wks_1",
  cut: "of_agent",
  grain: "hour",
  start_at: HOUR,
  environment_id: "",
  of_id: "agt_1",
  ...change,
});

/** Adds a byte to what is there. */
const adding = (byte: number, change: Partial<UsageKey> = {}): UsageAddition => ({
  key: key(change),
  merge: (present) => Uint8Array.of(...(present ?? []), byte),
});

async function openUsage(t: TestContext, engine: TestEngine): Promise<UsageStore> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  return store.usage;
}

const progress = (fromSeq: number, through_seq: number, chain = "main") => ({ chain, fromSeq, through_seq, first_at: 1000 + fromSeq });

async function bytesIn(usage: UsageStore, change: Partial<Parameters<UsageStore["read"]>[0]> = {}) {
  const rows = await usage.read({ workspaceId: "wks_1", cut: "of_agent", grain: "hour", from: 0, until: 10 * HOUR, ...change });
  return rows
    .map(({ of_id, environment_id, start_at, packed }) => `${of_id} ${environment_id} ${start_at / HOUR}: ${[...packed].join(" ")}`)
    .toSorted();
}

for (const engine of ENGINES) {
  test(`additions join what is there, many at once, and the progress goes with them (${engine.name})`, async (t) => {
    const usage = await openUsage(t, engine);
    assert.equal(await usage.progress("main"), undefined);
    assert.equal(await usage.firstAt(), undefined);
    await usage.add([adding(1), adding(2, { of_id: "agt_2" })], progress(0, 5));
    await usage.add([adding(3)], progress(5, 9));
    const many = Array.from({ length: 120 }, (_, i) => adding(9, { cut: "user", of_id: `agt_${i}` }));
    await usage.add(many, progress(0, 4, "other"));
    assert.deepEqual(await bytesIn(usage), ["agt_1  1: 1 3", "agt_2  1: 2"]);
    assert.equal((await bytesIn(usage, { cut: "user" })).length, 120);
    assert.deepEqual(await usage.progress("main"), { chain: "main", through_seq: 9, first_at: 1000 });
    assert.equal(await usage.firstAt(), 1000);
  });

  test(`what was counted already is not counted again, and a failure leaves nothing behind (${engine.name})`, async (t) => {
    const usage = await openUsage(t, engine);
    await usage.add([adding(1)], progress(0, 5));
    await assert.rejects(usage.add([adding(2)], progress(0, 5)), /another process/);
    await assert.rejects(usage.add([adding(2)], progress(4, 9)), /another process/);
    const broken: UsageAddition = {
      key: key({ start_at: 2 * HOUR }),
      merge() {
        throw new Error("cannot be read");
      },
    };
    await assert.rejects(usage.add([adding(2), broken], progress(5, 9)), /cannot be read/);
    assert.deepEqual(await bytesIn(usage), ["agt_1  1: 1"]);
    assert.equal((await usage.progress("main"))?.through_seq, 5);
  });

  test(`a read is of one workspace, cut, grain and time, and of some environments or one of them (${engine.name})`, async (t) => {
    const usage = await openUsage(t, engine);
    const rows = [
      adding(1),
      adding(2, { environment_id: "env_1" }),
      adding(3, { environment_id: "env_2", of_id: "agt_2" }),
      adding(4, { start_at: 2 * HOUR }),
      adding(5, { workspace_id: "wks_2" }),
      adding(6, { cut: "tool", of_id: "" }),
      adding(7, { grain: "minute" }),
    ];
    await usage.add(rows, progress(0, 1));
    assert.deepEqual(await bytesIn(usage), ["agt_1  1: 1", "agt_1  2: 4", "agt_1 env_1 1: 2", "agt_2 env_2 1: 3"]);
    assert.deepEqual(await bytesIn(usage, { from: 2 * HOUR }), ["agt_1  2: 4"]);
    assert.deepEqual(await bytesIn(usage, { until: 2 * HOUR, of: "agt_2" }), ["agt_2 env_2 1: 3"]);
    assert.deepEqual(await bytesIn(usage, { environments: ["env_1", "env_2"] }), ["agt_1 env_1 1: 2", "agt_2 env_2 1: 3"]);
    await usage.sweep({ minutesBefore: 2 * HOUR, hoursBefore: 2 * HOUR });
    assert.deepEqual(await bytesIn(usage), ["agt_1  2: 4"]);
    assert.deepEqual(await bytesIn(usage, { grain: "minute" }), []);
  });
}
