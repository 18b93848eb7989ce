/** Puts calls on record in the folder of argv[2] and stores their count, again and again; tells each time how many were counted. */
import { writeSync } from "node:fs";
import { openLedger } from "../../../../src/audit/index.ts";
import { openUsage } from "../../../../src/audit/usage/index.ts";
import { createLog } from "../../../../src/lib/log.ts";
import { openStore } from "../../../../src/store/index.ts";
import { NO_TOOLS, usageBody } from "./bodies.ts";

const store = await openStore({ dataDir: process.argv[2] ?? "" });
const records = await store.openLedger();
const ledger = await openLedger(records);
const now = Date.now;
const usage = await openUsage({ ledger, records, store, chain: "main", registry: NO_TOOLS, log: createLog("silent"), now });
for (let i = 0; ; i++) {
  await Promise.all(Array.from({ length: 20 }, (_, n) => ledger.append({ kind: "call", ref: null, body: usageBody(now(), n) })));
  const found = await usage.query({ workspaceId: "wks_1" }, {});
  writeSync(1, `${"total" in found ? found.total.calls : "?"}\n`);
}
