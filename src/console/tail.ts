import { recordIn, type FoundRecord, type Ledger } from "../audit/index.ts";
import type { LedgerRow } from "../store/index.ts";

/** What is written to the ledger of this process, for those who watch. */
export interface Tail {
  /** Records of a workspace from now on, until the signal. */
  follow(workspaceId: string, signal: AbortSignal): AsyncGenerator<FoundRecord>;
}

/** Rows that wait for one reader; one that is further behind is sent on its way, and comes back by itself. */
const MAX_WAITING = 5000;

interface Watcher {
  rows: LedgerRow[];
  isBehind: boolean;
  wake: (() => void) | undefined;
}

/** The writers of records pay for one look at a set that is mostly empty. */
export function createTail(ledger: Pick<Ledger, "follow">): Tail {
  const watchers = new Set<Watcher>();
  ledger.follow((rows) => {
    for (const watcher of watchers) {
      if (watcher.rows.length + rows.length > MAX_WAITING) watcher.isBehind = true;
      else watcher.rows.push(...rows);
      watcher.wake?.();
    }
  });
  return {
    async *follow(workspaceId, signal) {
      const watcher: Watcher = { rows: [], isBehind: false, wake: undefined };
      const wake = () => watcher.wake?.();
      signal.addEventListener("abort", wake);
      watchers.add(watcher);
      try {
        while (!signal.aborted && !watcher.isBehind) {
          const { rows } = watcher;
          watcher.rows = [];
          for (const row of rows) {
            const record = recordIn(row, workspaceId);
            if (record !== undefined) yield record;
          }
          if (watcher.rows.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (watcher.wake = resolve));
        }
      } finally {
        watchers.delete(watcher);
        signal.removeEventListener("abort", wake);
      }
    },
  };
}
