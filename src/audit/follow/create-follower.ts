import type { Log } from "../../lib/log.ts";
import type { LedgerReader } from "../../store/index.ts";
import type { FollowedRow } from "../call-fact.ts";
import type { Ledger } from "../ledger.ts";

/** One who works every record of a chain once, in order, behind the calls. */
export interface Follower {
  /** Resolves when all that was on record by now is worked, or cannot be for now. */
  settled(): Promise<void>;
  /** Works what is left, then stops. */
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly name: string;
  readonly ledger: Pick<Ledger, "follow" | "whileWriting">;
  readonly records: Pick<LedgerReader, "head" | "read">;
  readonly log: Pick<Log, "error">;
  /** The last record that is worked. */
  through(): Promise<number>;
  /** Works records that follow those, in a few milliseconds; what it stores names the last of them. When it rejects, they come again. */
  take(rows: readonly FollowedRow[]): Promise<void>;
}

/** So many records are worked before others may go on. */
const ROWS_AT_ONCE = 64;
/** Beyond this, records that wait are read from the store again. */
const MAX_WAITING_ROWS = 4096;
const MAX_WAITING_CHARS = 4 * 1024 * 1024;
const RETRY_MS = 1000;

/** Records that wait in memory, so that they need not be read again; when they become too many, all are forgotten. */
function createBacklog() {
  let waiting: FollowedRow[] = [];
  /** Those before it are worked. */
  let first = 0;
  let chars = 0;

  function clear(): void {
    [waiting, first, chars] = [[], 0, 0];
  }

  return {
    add(rows: readonly FollowedRow[]): void {
      for (const row of rows) {
        waiting.push(row);
        chars += row.body.length;
      }
      if (waiting.length - first > MAX_WAITING_ROWS || chars > MAX_WAITING_CHARS) clear();
    },
    /** The first of those that follow a record, when the very next one is among them. */
    after(seq: number): readonly FollowedRow[] | undefined {
      return waiting[first]?.seq === seq + 1 ? waiting.slice(first, first + ROWS_AT_ONCE) : undefined;
    },
    drop(through: number): void {
      for (let row = waiting[first]; row !== undefined && row.seq <= through; row = waiting[++first]) chars -= row.body.length;
      if (first === waiting.length) clear();
    },
  };
}

/** Follows the ledger from the last record that was worked, also across restarts. The writers of records pay for a push only. */
export async function createFollower({ name, ledger, records, log, through, take }: FollowerOptions): Promise<Follower> {
  const waiting = createBacklog();
  let done = await through();
  let newest = (await records.head())?.seq ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    try {
      while (done < newest) {
        const rows = waiting.after(done) ?? (await records.read(done, ROWS_AT_ONCE));
        const last = rows.at(-1);
        if (last === undefined) return;
        await take(rows);
        done = last.seq;
        waiting.drop(done);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      log.error({ err: error, follower: name }, "records could not be worked; they will be tried again");
      plan(RETRY_MS);
    }
  }

  /** One at a time; who comes meanwhile waits for the same. */
  function start(): Promise<void> {
    working ??= work().finally(() => {
      working = undefined;
    });
    return working;
  }

  const begin = () => void start();

  function plan(delayMs: number): void {
    if (isClosed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void start();
    }, delayMs).unref();
  }

  ledger.follow((rows) => {
    if (isClosed) return;
    newest = rows.at(-1)?.seq ?? newest;
    waiting.add(rows);
    // Soon: records that wait long outlive their garbage collection, which costs more than to work them.
    if (timer === undefined) ledger.whileWriting(begin);
  });
  if (done < newest) plan(0);

  async function settled(): Promise<void> {
    await working;
    await start();
  }

  return {
    settled,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await settled();
    },
  };
}
