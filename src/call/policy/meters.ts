import type { Clock } from "../../lib/clock.ts";
import { createLimiter, type Limiter } from "../../lib/limiter.ts";
import type { Log } from "../../lib/log.ts";
import type { PolicyCountRow, Store } from "../../store/index.ts";
import type { Caller } from "../../tool/index.ts";
import type { Limit } from "./policy.ts";
import { dayOf, nextDay, type Spent } from "./told.ts";

/** How often agents call what is limited. Rates are counted in this process, days in the store. */
export interface Meters {
  /** Seconds that an agent must wait before it may send `count` requests; 0 for none, and then they are counted. */
  pace(limit: Limit, caller: Pick<Caller, "clientId">, count: number): number;
  /** Counts a call with each limit, and for the day with none when one of them is met. Rejects when the counts cannot be read. */
  take(limits: readonly Limit[], caller: Pick<Caller, "clientId">): Spent | undefined | Promise<Spent | undefined>;
  /** Takes a call back from the counts of days, because nothing was done. */
  giveBack(limits: readonly Limit[], caller: Pick<Caller, "clientId">): void;
  /** Writes the counts of this process and reads those of all. Runs by itself every second. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface MetersDeps {
  readonly store: Pick<Store, "policies">;
  readonly now: Clock;
  readonly log: Log;
}

/** Counts of at most this long are lost when a process is killed. */
const FLUSH_MS = 1000;
/** A count that was read longer ago is read again before it is relied on: other processes count too. */
const FRESH_MS = 2 * FLUSH_MS;
const MAX_LIMITERS = 10_000;

interface Counter {
  readonly key: Omit<PolicyCountRow, "calls">;
  /** As the store last said, and when. */
  stored: number;
  readAt: number;
  /** Counted here since then. */
  added: number;
}

export function createMeters({ store, now, log }: MetersDeps): Meters {
  const paceOf = createPaces(now);
  const counts = createDayCounts({ store, now });

  function takeNow(limits: readonly Limit[], caller: Pick<Caller, "clientId">): Spent | undefined {
    const counted = counts.of(limits, caller);
    const full = counted.find(({ limit, counter }) => counter.stored + counter.added >= (limit.perDay ?? 0));
    if (full !== undefined) return { limit: full.limit, kind: "quota_exceeded", retryAt: nextDay(now()) };
    for (const limit of limits) {
      const waitSeconds = limit.perSecond === undefined ? 0 : paceOf(limit).take(caller.clientId);
      if (waitSeconds > 0) return { limit, kind: "rate_limited", retryAt: now() + waitSeconds * 1000 };
    }
    for (const { counter } of counted) counter.added++;
    return undefined;
  }

  const failed = (error: unknown) =>
    log.error({ err: error }, "counts of calls cannot be written; limited calls are refused until they can");
  const timer = setInterval(() => void counts.flush().catch(failed), FLUSH_MS).unref();

  return {
    pace: (limit, { clientId }, count) => paceOf(limit).take(clientId, count),
    take(limits, caller) {
      const counted = counts.of(limits, caller);
      if (counted.every(({ counter }) => counts.isFresh(counter))) return takeNow(limits, caller);
      const stale = () => counted.map(({ counter }) => counter).filter((counter) => !counts.isFresh(counter));
      return counts.sync(stale).then(() => takeNow(limits, caller));
    },
    giveBack(limits, caller) {
      for (const { counter } of counts.of(limits, caller)) counter.added--;
    },
    flush: counts.flush,
    async close() {
      clearInterval(timer);
      await counts.flush().catch(failed);
    },
  };
}

/** One limiter for each limit of calls per second. */
function createPaces(now: Clock): (limit: Limit) => Limiter {
  const limiters = new Map<string, Limiter>();
  return ({ id, perSecond = 0 }) => {
    let limiter = limiters.get(id);
    if (limiter === undefined) {
      // Those of rules that are gone go too; whoever is still limited starts with a full bucket once.
      if (limiters.size >= MAX_LIMITERS) limiters.clear();
      limiters.set(id, (limiter = createLimiter({ perSecond, burst: Math.max(1, perSecond), now })));
    }
    return limiter;
  };
}

interface DayCounts {
  /** The counters of today of those limits that count days. */
  of(limits: readonly Limit[], caller: Pick<Caller, "clientId">): readonly { readonly limit: Limit; readonly counter: Counter }[];
  isFresh(counter: Counter): boolean;
  /** Adds to the store what was counted here, and reads what others counted. One after the other, so that no call is counted twice. */
  sync(choose: () => readonly Counter[]): Promise<void>;
  flush(): Promise<void>;
}

function createDayCounts({ store, now }: Pick<MetersDeps, "store" | "now">): DayCounts {
  const counters = new Map<string, Counter>();
  let syncing: Promise<void> = Promise.resolve();

  function counterOf(key: Counter["key"]): Counter {
    const name = nameOf(key);
    let counter = counters.get(name);
    if (counter === undefined) counters.set(name, (counter = { key, stored: 0, readAt: Number.NEGATIVE_INFINITY, added: 0 }));
    return counter;
  }

  async function write(chosen: readonly Counter[]): Promise<void> {
    if (chosen.length === 0) return;
    const readAt = now();
    const sent = chosen.map(({ key, added }) => ({ ...key, calls: added }));
    const totals = new Map((await store.policies.count(sent)).map((row) => [nameOf(row), row.calls]));
    for (const [i, counter] of chosen.entries()) {
      counter.added -= sent[i]?.calls ?? 0;
      counter.stored = totals.get(nameOf(counter.key)) ?? counter.stored;
      counter.readAt = readAt;
    }
  }

  function sync(choose: () => readonly Counter[]): Promise<void> {
    syncing = syncing.catch(() => undefined).then(() => write(choose()));
    return syncing;
  }

  return {
    of: (limits, { clientId }) =>
      limits
        .filter(({ perDay }) => perDay !== undefined)
        .map((limit) => {
          const key = { workspace_id: limit.workspaceId, client_id: clientId, place: limit.place, day: dayOf(now()) };
          return { limit, counter: counterOf(key) };
        }),
    isFresh: ({ readAt }) => Math.abs(now() - readAt) < FRESH_MS,
    sync,
    async flush() {
      await sync(() => [...counters.values()].filter(({ added }) => added !== 0));
      const today = dayOf(now());
      const old = [...counters].filter(([, { key, added }]) => key.day < today && added === 0);
      for (const [name] of old) counters.delete(name);
      if (old.length > 0) await store.policies.sweepCounts(today - 1);
    },
  };
}

function nameOf({ workspace_id, client_id, place, day }: Counter["key"]): string {
  return JSON.stringify([workspace_id, client_id, place, day]);
}
