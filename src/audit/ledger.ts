import type { LedgerStore } from "../store/index.ts";
import type { CallFact, FollowedRow } from "./call-fact.ts";
import { chainRows, GENESIS, type Head } from "./chain.ts";

/** What a record is: `call` stands alone; `intent` and `outcome` belong together by `ref`; the rest are events. */
export type RecordKind = "call" | "intent" | "outcome" | "refusal" | "event";

/** One record before it is chained. `body` is one line of JSON. */
export interface LedgerEntry {
  readonly kind: RecordKind;
  readonly ref: string | null;
  readonly body: string;
  /** What the body says, where the writer of an end of a call has it at hand. */
  readonly fact?: CallFact | undefined;
}

export interface Ledger {
  /** Resolves when the record survives a power loss. Rejects when it cannot be written; then nothing of it is on record. */
  append(entry: LedgerEntry): Promise<void>;
  /** False since the last write failed; calls are then refused before they run. */
  isWritable(): boolean;
  /** The bodies of intents that have no outcome, in order. */
  openIntents(): Promise<readonly string[]>;
  /** Tells of rows as soon as they are durable, before those who wrote them go on. Listeners are quick, do not throw, and do their work later. */
  follow(listener: (rows: readonly FollowedRow[]) => void): void;
  /** Does work while the next write waits for the disk, when there is nothing else to do; a few milliseconds later when none comes. Once, however often given. */
  whileWriting(work: () => void): void;
  /** Waits for what is being written, then closes the chain. */
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: LedgerEntry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** At most this many records, and about this many characters, are in one durable write. */
const MAX_BATCH = 256;
const MAX_BATCH_CHARS = 2 * 1024 * 1024;
/** A write waits for so many turns of the event loop at most. */
const MAX_TURNS = 4;
/** More waiting than this means that the disk does not keep up; further appends are refused. */
const MAX_WAITING = 20_000;

/** So long work waits for a write. */
const SPARE_MS = 5;

function createSpareTime() {
  const works = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;

  function run(): void {
    clearTimeout(timer);
    timer = undefined;
    const all = [...works];
    works.clear();
    for (const work of all) work();
  }

  return {
    add(work: () => void): void {
      works.add(work);
      timer ??= setTimeout(run, SPARE_MS).unref();
    },
    begins(): void {
      if (works.size > 0) setImmediate(run);
    },
  };
}

/** Lets turns of the event loop pass while they bring more records, so that what arrives together shares a write. */
async function gather(count: () => number): Promise<void> {
  for (let turn = 0, before = -1; turn < MAX_TURNS && count() > before; turn++) {
    before = count();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/**
 * The writer of one chain, by natural group commit: whatever arrived while one durable write was under way is the next one. There is no
 * timer, so a lone record waits for one write only.
 */
export async function openLedger(store: LedgerStore): Promise<Ledger> {
  let head: Head = (await store.head()) ?? { seq: 0, hash: GENESIS };
  let waiting: Waiting[] = [];
  let isWriting = false;
  let isWritable = true;
  let isClosed = false;
  let idle: Promise<void> = Promise.resolve();
  const spare = createSpareTime();
  const followers: ((rows: readonly FollowedRow[]) => void)[] = [];

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      await gather(() => waiting.length);
      const count = countFitting(waiting);
      const batch = count === waiting.length ? waiting : waiting.slice(0, count);
      waiting = count === waiting.length ? [] : waiting.slice(count);
      const rows = chainRows(
        head,
        batch.map(({ entry }) => entry),
      );
      try {
        const written = store.append(rows);
        spare.begins();
        await written;
        head = rows[rows.length - 1] ?? head;
        isWritable = true;
        for (const tell of followers) tell(rows);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        isWritable = false;
        for (const { reject } of batch) reject(error);
        head = (await store.head().catch(() => undefined)) ?? head;
      }
    }
    isWriting = false;
  }

  return {
    append(entry) {
      if (isClosed) return Promise.reject(new Error("the ledger is closed"));
      if (waiting.length >= MAX_WAITING) return Promise.reject(new Error("the ledger does not keep up"));
      return new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        idle = write();
      });
    },
    isWritable: () => isWritable,
    follow(listener) {
      followers.push(listener);
    },
    whileWriting: (work) => spare.add(work),
    openIntents: () => store.openIntents(),
    async close() {
      isClosed = true;
      await idle;
      await store.close();
    },
  };
}

/** How many of the first entries make one write; at least one. */
function countFitting(waiting: readonly Waiting[]): number {
  let count = 0;
  let chars = 0;
  for (const { entry } of waiting) {
    chars += entry.body.length;
    if (count > 0 && (count >= MAX_BATCH || chars > MAX_BATCH_CHARS)) break;
    count++;
  }
  return count;
}
