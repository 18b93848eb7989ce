import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createFollower, type Follower, type FollowerOptions } from "../../src/audit/follow/index.ts";
import { openLedger } from "../../src/audit/index.ts";
import { createLog } from "../../src/lib/log.ts";
import { openStore } from "../../src/store/index.ts";
import { SQLITE } from "../store/support/engines.ts";
import { until } from "../support/remit.ts";

async function openWorld(t: TestContext) {
  const place = await SQLITE.createPlace();
  const store = await openStore(place.options);
  const records = await store.openLedger();
  const ledger = await openLedger(records);
  t.after(async () => {
    await ledger.close();
    await store.close();
    await place.remove();
  });
  const write = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => ledger.append({ kind: "event", ref: null, body: `{"n":${i}}` })));
  const follow = (more: Pick<FollowerOptions, "through" | "take">): Promise<Follower> =>
    createFollower({ name: "test", ledger, records, log: createLog("silent"), ...more });
  return { write, follow };
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test("a follower works every record once and in order, those from before its start and those that come", async (t) => {
  const { write, follow } = await openWorld(t);
  const seen: number[] = [];
  await write(100);
  const follower = await follow({ through: async () => 30, take: async (rows) => void seen.push(...rows.map(({ seq }) => seq)) });
  await write(50);
  await follower.settled();
  assert.deepEqual(seen, upTo(150).slice(30));
  await write(5);
  await until(() => (seen.length === 125 ? true : undefined));
  await write(5);
  await follower.close();
  assert.deepEqual(seen, upTo(160).slice(30), "closing works what is left");
});

test("records that could not be worked come again, and none twice", async (t) => {
  const { write, follow } = await openWorld(t);
  const seen: number[] = [];
  let attempts = 0;
  const follower = await follow({
    through: async () => 0,
    async take(rows) {
      if (++attempts === 2) throw new Error("the disk is full");
      seen.push(...rows.map(({ seq }) => seq));
    },
  });
  await write(200);
  await follower.settled();
  assert.ok(seen.length > 0 && seen.length < 200, "it stops at the trouble");
  await follower.settled();
  assert.deepEqual(seen, upTo(200));
  await follower.close();
});

test("more records than are kept in memory are read from the store, in their order", async (t) => {
  const { write, follow } = await openWorld(t);
  const seen: number[] = [];
  let isHeld = true;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const follower = await follow({
    through: async () => 0,
    async take(rows) {
      if (isHeld) await held;
      seen.push(...rows.map(({ seq }) => seq));
    },
  });
  await write(10);
  const settled = follower.settled();
  for (let i = 0; i < 5; i++) await write(1000);
  isHeld = false;
  release();
  await settled;
  await follower.settled();
  assert.deepEqual(seen, upTo(5010));
  await follower.close();
});
