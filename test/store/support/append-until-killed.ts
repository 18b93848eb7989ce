/** Appends to the ledger of the folder in argv[2] for ever; tells the number of each record that is durable. */
import { writeSync } from "node:fs";
import { openStore } from "../../../src/store/index.ts";
import { ledgerRows } from "./rows.ts";

const store = await openStore({ dataDir: process.argv[2] ?? "" });
const ledger = await store.openLedger();
let seq = (await ledger.head())?.seq ?? 0;
for (;;) {
  const rows = ledgerRows(seq, 1 + (seq % 7));
  await ledger.append(rows);
  seq += rows.length;
  writeSync(1, `${seq}\n`);
}
