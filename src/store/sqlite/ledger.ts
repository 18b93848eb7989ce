import { BootError } from "../../errors.ts";
import type { LedgerStore } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { prepareFile } from "./files.ts";
import { packBatch } from "./ledger-batch.ts";
import { createLedgerReader, ledgerFile } from "./ledger-reader.ts";
import type { LedgerChange } from "./ledger-worker.ts";
import { createKeeper } from "./ledger-writer.ts";

/** Opens the chain for writing. Its caller holds the data folder, so there is no other writer. */
export async function openSqliteLedger(options: StoreOptions): Promise<LedgerStore> {
  const path = prepareFile(options.dataDir, ledgerFile(options));
  const keeper = createKeeper(path);
  try {
    await keeper.running();
  } catch (error) {
    throw new BootError([`${path} cannot be opened: ${String(error)}. Restore it from a backup, or set REMIT_DATA to another folder.`]);
  }
  const reader = createLedgerReader(path);
  let isClosed = false;

  async function tell(change: LedgerChange): Promise<void> {
    const running = keeper.running();
    const writer = running instanceof Promise ? await running : running;
    const problem = await writer.ask(change);
    if (problem !== null) throw new Error(`The ledger was not written: ${problem}`);
  }

  return {
    head: () => reader.head(),
    read: (after, limit) => reader.read(after, limit),
    scan: (range, limit) => reader.scan(range, limit),
    openIntents: () => reader.openIntents(),
    async append(rows) {
      if (isClosed) throw new Error("The ledger is closed.");
      if (rows.length === 0) return;
      await tell(packBatch(rows));
    },
    async prune(rows) {
      if (isClosed) throw new Error("The ledger is closed.");
      if (rows.length > 0) await tell({ pruned: rows });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      // Closed before the writer, which then tidies the file up.
      await reader.close();
      await keeper.close();
    },
  };
}
