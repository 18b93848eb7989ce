import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { UsageGrain, UsageStore } from "../../store/index.ts";
import type { CallFact, FollowedRow } from "../call-fact.ts";
import { additionsOf, createCells, OTHER, startOf, type Cell, type Cells } from "./cells.ts";

/** Counts calls in memory and adds them to the roll-ups now and then. After a crash what was not added is counted again from the ledger. */
export interface UsageCounter {
  /** The last record that is counted. */
  through(): Promise<number>;
  /** Counts records that follow those. Rejects, with none of them counted, when too many wait for the store. */
  take(rows: readonly FollowedRow[]): Promise<void>;
  /** Resolves when all that is counted is stored. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface UsageCounterDeps {
  readonly store: UsageStore;
  /** Name of the ledger's chain. */
  readonly chain: string;
  readonly now: Clock;
  readonly log: Pick<Log, "error">;
}

/** Counts wait no longer than this, and no more records than this. */
const FLUSH_MS = 5000;
const FLUSH_ROWS = 10_000;
/** So many may wait while the store takes none. */
const MAX_WAITING_BATCHES = 8;
const SWEEP_EVERY_MS = 3_600_000;
const MINUTES_KEPT_MS = 2 * 86_400_000;
const HOURS_KEPT_MS = 90 * 86_400_000;
/** So many clients and revisions are told apart for one agent: they are what callers say of themselves. */
const MAX_CLIENTS_OF_AGENT = 16;
const MAX_AGENTS_KNOWN = 10_000;

export function createUsageCounter(deps: UsageCounterDeps): UsageCounter {
  const { log } = deps;
  const writer = createWriter(deps);
  const shorten = createShortener();
  let waiting = emptyBatch(0, shorten);
  /** Those that are on their way to the store, in order. */
  const closed: Batch[] = [];
  let flushing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    if (waiting.rows > 0) {
      closed.push(waiting);
      waiting = emptyBatch(waiting.seq, shorten);
    }
    try {
      for (let batch = closed[0]; batch !== undefined; batch = closed[0]) {
        await writer.write(batch);
        closed.shift();
      }
    } catch (error) {
      plan();
      throw error;
    }
  }

  /** One at a time. */
  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    await flushing?.catch(() => undefined);
    if (waiting.rows === 0 && closed.length === 0) return;
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    await flushing;
  }

  function flushInTime(): void {
    flush().catch((error: unknown) => log.error({ err: error }, "usage could not be stored; it is kept in memory and tried again"));
  }

  function plan(): void {
    timer ??= setTimeout(flushInTime, FLUSH_MS).unref();
  }

  return {
    through: async () => Math.max((await writer.stored()).seq, waiting.seq),
    async take(rows) {
      const last = rows.at(-1);
      if (last === undefined) return;
      if (closed.length >= MAX_WAITING_BATCHES) await flush();
      for (const row of rows) waiting.cells.count(row);
      waiting = { ...waiting, rows: waiting.rows + rows.length, seq: last.seq, firstAt: waiting.firstAt ?? writtenAt(rows[0]) };
      if (waiting.rows >= FLUSH_ROWS && flushing === undefined) flushInTime();
      else plan();
    },
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}

/** Calls that are counted and not stored. */
interface Batch {
  readonly cells: Cells;
  readonly rows: number;
  /** The last record counted. */
  readonly seq: number;
  /** When the first of them was written. */
  readonly firstAt: number | undefined;
}

function emptyBatch(seq: number, shorten: Shortener): Batch {
  return { cells: createCells(shorten), rows: 0, seq, firstAt: undefined };
}

/** Stores what was counted, with how far it came, and takes out now and then what is too old. */
function createWriter({ store, chain, now, log }: UsageCounterDeps) {
  let stored: { readonly seq: number; readonly firstAt: number | undefined } | undefined;
  let sweptAt = 0;

  async function readStored() {
    if (stored === undefined) {
      const row = await store.progress(chain);
      stored = { seq: row?.through_seq ?? 0, firstAt: row?.first_at };
    }
    return stored;
  }

  return {
    stored: readStored,
    async write(batch: Batch): Promise<void> {
      const before = await readStored();
      // The store may have taken it, and the word of that was lost.
      if (before.seq >= batch.seq) return;
      const { seq: fromSeq, firstAt = batch.firstAt ?? now() } = before;
      const kept = keptFrom(now());
      const cells = await withKnownEnvironments(store, batch.cells.list());
      try {
        await store.add(await additionsOf(cells, kept), { chain, fromSeq, through_seq: batch.seq, first_at: firstAt });
        stored = { seq: batch.seq, firstAt };
      } catch (error) {
        stored = undefined;
        throw error;
      }
      if (now() - sweptAt < SWEEP_EVERY_MS) return;
      sweptAt = now();
      const limits = { minutesBefore: kept.minute, hoursBefore: kept.hour };
      await store.sweep(limits).catch((error: unknown) => log.error({ err: error }, "old roll-ups of usage could not be deleted"));
    },
  };
}

/** From when on roll-ups are kept: those of minutes from a full hour, those of hours from a full day. */
export function keptFrom(at: number): Readonly<Record<UsageGrain, number>> {
  return { minute: startOf(at - MINUTES_KEPT_MS, "hour"), hour: startOf(at - HOURS_KEPT_MS, "day"), day: 0 };
}

function writtenAt(row: FollowedRow | undefined): number | undefined {
  const at = /"at":(\d+)/.exec(row?.body ?? "")?.[1];
  return at === undefined ? undefined : Number(at);
}

/** Callers name environments in their arguments, and may name what is none. */
async function withKnownEnvironments(store: UsageStore, cells: readonly Cell[]): Promise<readonly Cell[]> {
  const named = new Map<string, Set<string>>();
  for (const { workspace, environment } of cells) {
    if (environment === "") continue;
    const ids = named.get(workspace) ?? new Set();
    named.set(workspace, ids.add(environment));
  }
  const known = new Map<string, ReadonlySet<string>>();
  for (const [workspace, ids] of named) known.set(workspace, new Set(await store.knownEnvironments(workspace, [...ids])));
  return cells.map((cell) => {
    const isKnown = cell.environment === "" || known.get(cell.workspace)?.has(cell.environment) === true;
    return isKnown ? cell : { ...cell, environment: OTHER };
  });
}

type Shortener = (fact: CallFact) => readonly string[];

function createShortener(): Shortener {
  const known = new Map<string, Set<string>>();
  return ({ workspace, agent, client, protocol }) => {
    const name = `${workspace} ${agent}`;
    let clients = known.get(name);
    if (clients === undefined) {
      if (known.size >= MAX_AGENTS_KNOWN) known.clear();
      known.set(name, (clients = new Set()));
    }
    const pair = `${client} ${protocol}`;
    if (!clients.has(pair) && clients.size >= MAX_CLIENTS_OF_AGENT) return [OTHER, OTHER];
    clients.add(pair);
    return [client, protocol];
  };
}
