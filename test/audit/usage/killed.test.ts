import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openLedger } from "../../../src/audit/index.ts";
import { openUsage } from "../../../src/audit/usage/index.ts";
import { createLog } from "../../../src/lib/log.ts";
import { openStore } from "../../../src/store/index.ts";
import { SQLITE } from "../../store/support/engines.ts";
import { NO_TOOLS } from "./support/bodies.ts";

const SCRIPT = fileURLToPath(new URL("support/count-until-killed.ts", import.meta.url));
const ROUNDS = 2;

test("after kill -9 in the middle of counting, no call is counted twice and none is lost", async (t) => {
  const place = await SQLITE.createPlace();
  t.after(() => place.remove());
  const setUp = await openStore(place.options);
  await setUp.migrate([]);
  await setUp.close();
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, [SCRIPT, place.options.dataDir], { stdio: ["ignore", "pipe", "inherit"] });
    let told = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text.split("\n").length - 1;
      // Somewhere in the next turn: it never stops to count.
      if (told >= 4 + 3 * round) child.kill("SIGKILL");
    });
    await once(child, "exit");
    assert.ok(told >= 4, "it counted before it was killed");
  }
  const store = await openStore(place.options);
  const records = await store.openLedger();
  const ledger = await openLedger(records);
  const usage = await openUsage({ ledger, records, store, chain: "main", registry: NO_TOOLS, log: createLog("silent"), now: Date.now });
  const found = await usage.query({ workspaceId: "wks_1" }, { by: "agent", since: Date.now() - 3_600_000 });
  const onRecord = (await records.head())?.seq ?? 0;
  assert.ok("total" in found);
  assert.deepEqual([found.total.calls, found.groups.reduce((sum, { calls }) => sum + calls, 0)], [onRecord, onRecord]);
  await usage.close();
  await ledger.close();
  await store.close();
});
