import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { LedgerReader, LedgerRow, LedgerStore } from "../../store/index.ts";
import { checkpointOf, type Checkpoints } from "../checkpoints/index.ts";
import type { Ledger } from "../ledger.ts";
import { isPruned, prunedBody } from "../pruned-record.ts";
import { PRUNED_EVENT, readRetentions, retentionOf } from "./retention-records.ts";

export interface RetentionDeps {
  readonly ledger: Pick<Ledger, "append">;
  readonly records: LedgerReader & Pick<LedgerStore, "prune">;
  readonly checkpoints: Pick<Checkpoints, "sign">;
  readonly now: Clock;
  readonly log: Pick<Log, "error">;
  /** Records keep their text for so many days; undefined keeps all. */
  readonly days: number | undefined;
}

export interface Retention {
  /**
   * Prunes the records that began before an instant (epoch milliseconds): it is put on record, signed, and only then done. Returns the range,
   * undefined when nothing was that old.
   */
  prune(before: number): Promise<{ readonly from: number; readonly through: number } | undefined>;
  close(): Promise<void>;
}

const PAGE = 500;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Prunes each hour what is older than the setting; a run that a crash cut off is finished first. */
export async function openRetention(deps: RetentionDeps): Promise<Retention> {
  const { ledger, records, checkpoints, now, log, days } = deps;
  const closing = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  async function carryOut(from: number, through: number): Promise<void> {
    for (let after = from - 1; after < through && !closing.signal.aborted;) {
      const rows = await records.read(after, Math.min(PAGE, through - after));
      const last = rows.at(-1);
      if (last === undefined) return;
      await records.prune(rows.filter(isPrunable).map((row) => ({ seq: row.seq, body: prunedBody(row) })));
      after = last.seq;
    }
  }

  async function pruneBefore(before: number) {
    const done = (await readRetentions(records)).at(-1)?.through ?? 0;
    const through = await lastBefore(records, done, before);
    if (through <= done) return undefined;
    const from = done + 1;
    await ledger.append({
      kind: "event",
      ref: null,
      body: JSON.stringify({ v: 1, kind: "event", at: now(), event: PRUNED_EVENT, from, through, before }),
    });
    await checkpoints.sign();
    await carryOut(from, through);
    return { from, through };
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = running.then(act);
    running = done.catch(() => undefined);
    return done;
  }

  const logged = (err: unknown) => log.error({ err }, "old records could not be pruned");
  const last = (await readRetentions(records)).at(-1);
  if (last !== undefined) void inTurn(() => carryOut(last.from, last.through)).catch(logged);
  const pruneOld = () => (days === undefined ? undefined : inTurn(() => pruneBefore(now() - days * DAY_MS)).catch(logged));
  void pruneOld();
  const timer = setInterval(() => void pruneOld(), HOUR_MS).unref();
  return {
    prune: (before) => inTurn(() => pruneBefore(before)),
    async close() {
      closing.abort();
      clearInterval(timer);
      await running;
    },
  };
}

/** What proofs and later verifications need keeps its text. */
function isPrunable({ seq, body }: LedgerRow): boolean {
  return !isPruned(body) && checkpointOf(seq, body) === undefined && retentionOf(seq, body) === undefined;
}

/** The last record after `done` that began before an instant, as far as instants are in order; `done` when there is none. */
async function lastBefore(records: Pick<LedgerReader, "head" | "read">, done: number, before: number): Promise<number> {
  let low = done;
  let high = (await records.head())?.seq ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const [row] = await records.read(middle - 1, 1);
    const began = Number(/"at":(\d+)/.exec(row?.body ?? "")?.[1] ?? 0);
    if (row === undefined || began >= before) high = middle - 1;
    else low = middle;
  }
  return low;
}
