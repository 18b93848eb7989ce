import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../../src/store/index.ts";
import { ENGINES } from "../support/engines.ts";

for (const engine of ENGINES) {
  test(`saved calls are of one workspace, the newest first, and no more than it may have (${engine.name})`, async (t) => {
    const place = await engine.createPlace();
    const store = await openStore(place.options);
    await store.migrate([]);
    t.after(async () => {
      await store.close();
      await place.remove();
    });
    for (const id of ["wks_1", "wks_2"]) await store.db.insertInto("workspace").values({ id, name: id, created_at: 1 }).execute();
    const account = { id: "acc_1", email: "ada@example.com", name: "Ada", password_hash: null, created_at: 1, disabled_at: null };
    await store.db.insertInto("account").values(account).execute();
    const row = (id: string, workspace_id: string, tool: string, created_at: number) => {
      return { id, workspace_id, account_id: "acc_1", name: "Greet", tool, arguments: '{"a":1}', era: "2026-07-28", created_at };
    };
    const first = row("sav_1", "wks_1", "echo", 1_764_000_000_001);
    const second = row("sav_2", "wks_1", "wipe", 1_764_000_000_002);
    assert.equal(await store.savedCalls.add(first, 2), true);
    assert.equal(await store.savedCalls.add(second, 2), true);
    assert.equal(await store.savedCalls.add(row("sav_3", "wks_1", "echo", 3), 2), false);
    assert.equal(await store.savedCalls.add(row("sav_4", "wks_2", "echo", 4), 2), true);
    assert.deepEqual(await store.savedCalls.list("wks_1"), [second, first]);
    assert.deepEqual(await store.savedCalls.list("wks_1", "echo"), [first]);
    assert.equal(await store.savedCalls.remove("wks_2", "sav_1"), false);
    assert.equal(await store.savedCalls.remove("wks_1", "sav_1"), true);
    assert.deepEqual(await store.savedCalls.list("wks_1"), [second]);
  });
}
