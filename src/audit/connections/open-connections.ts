import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import { createLimiter } from "../../lib/limiter.ts";
import type { Log } from "../../lib/log.ts";
import { hmac } from "../../lib/secret.ts";
import type { ConnectionRow, ConnectionStore } from "../../store/index.ts";
import { factOf, type FollowedRow } from "../call-fact.ts";
import type { Ledger } from "../ledger.ts";
import { addressPrefix } from "../refusals.ts";
import { addSignal, addTraces, isConnected, orderOf, tidy, type Attempt } from "./attempt.ts";
import { createCorrelation, type Place } from "./correlate.ts";
import { createViews, type ConnectionView } from "./views.ts";
import type { Handshakes, Signal } from "./signal.ts";

export interface ConnectionsDeps {
  readonly store: ConnectionStore;
  readonly ledger: Pick<Ledger, "follow">;
  readonly log: Pick<Log, "error">;
  readonly now: Clock;
  /** The public origin. */
  readonly url: string;
  /** 32 bytes: for the hashes of traces, and the links. */
  readonly key: Uint8Array;
}

export interface Connections extends Handshakes {
  /** The newest first. */
  list(limit: number): Promise<readonly ConnectionView[]>;
  find(id: string): Promise<ConnectionView | undefined>;
  /** By the last segment of a link. */
  findByToken(token: string): Promise<ConnectionView | undefined>;
  close(): Promise<void>;
}

const SAVE_MS = 200;
const SWEEP_MS = 3_600_000;
const KEEP_MS = 14 * 86_400_000;
const KEEP_ROWS = 5000;
const KEEP_SHALLOW_ROWS = 500;
const MAX_UNSAVED = 1000;
/** How many attempts one network may begin. */
const BEGINNINGS = { perSecond: 1 / 5, burst: 60 };

/** Keeps a timeline of each connection attempt: in memory while it grows, in the store for two weeks. It holds no secret. */
export function openConnections({ store, ledger, log, now, url, key }: ConnectionsDeps): Connections {
  const correlation = createCorrelation({
    now,
    beginnings: createLimiter({ ...BEGINNINGS, now }),
    begin,
  });
  const keeper = createKeeper({ store, log, now });
  const views = createViews({ now, url, key });

  function note(attempt: Attempt, signal: Signal): void {
    addSignal(attempt, signal, now());
    keeper.keep(attempt);
  }

  function take(signal: Signal): string | undefined {
    const { source, traces: exact = [], client } = signal;
    // Documents are shared by everybody who uses that client.
    const own = client?.id === undefined || client.id.startsWith("https://") ? [] : [`client:${client.id}`];
    const traces = [...exact, ...own].map((trace) => hmac(key, `trace ${trace}`).toString("base64url"));
    const place = { network: addressPrefix(source.address ?? "unknown"), userAgent: tidy(source.userAgent ?? "").slice(0, 100) };
    const attempt = correlation.attemptFor(signal, traces, place);
    if (attempt === undefined) return undefined;
    addTraces(attempt, traces);
    const isOld = isConnected(attempt) && views.findingOf(attempt).state === "connected";
    // Once connected, what goes well is of no interest.
    if (!isOld || signal.outcome === "failed") note(attempt, signal);
    return views.linkOf(attempt.id);
  }

  async function find(id: string): Promise<ConnectionView | undefined> {
    const known = correlation.get(id) ?? (await store.find(id).then((row) => row && attemptOf(row)));
    return known && views.viewOf(known);
  }

  ledger.follow((rows) => {
    if (correlation.hasRecent() && rows.some(lacksScope)) setImmediate(() => rows.filter(lacksScope).forEach(takeRefusal));
  });

  /** A client that is connected, and finds that it may not do what it is there for. */
  function takeRefusal(row: FollowedRow): void {
    const fact = factOf(row);
    const attempt = fact === undefined ? undefined : correlation.connected(fact.agent);
    if (fact === undefined || attempt === undefined) return;
    const facts = { tool: fact.target, missing: fact.missing.join(" ") };
    note(attempt, { step: "first_request", outcome: "failed", problem: "scope_missing", source: { address: undefined }, facts });
  }

  return {
    tell(signal) {
      try {
        return take(signal);
      } catch (err) {
        log.error({ err }, "a step of a connection attempt could not be noted");
        return undefined;
      }
    },
    async list(limit) {
      await keeper.save();
      const rows = await store.list({ since: now() - KEEP_MS, limit });
      return rows.map((row) => views.viewOf(correlation.get(row.id) ?? attemptOf(row)));
    },
    find,
    async findByToken(token) {
      const id = views.idIn(token);
      return id === undefined ? undefined : find(id);
    },
    close: () => keeper.close(),
  };
}

function begin(place: Place, at: number): Attempt {
  return { ...place, id: createId("con"), startedAt: at, updatedAt: at, client: {}, steps: [], traces: new Set() };
}

/** Writes attempts a moment after they changed, and removes those whose time is over. */
function createKeeper({ store, log, now }: Pick<ConnectionsDeps, "store" | "log" | "now">) {
  const unsaved = new Map<string, Attempt>();
  let saving: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function save(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const rows = [...unsaved.values()].map(rowOf);
    unsaved.clear();
    saving = saving.then(() => store.put(rows)).catch((err: unknown) => log.error({ err }, "connection attempts could not be kept"));
    return saving;
  }

  function sweep(): Promise<void> {
    const kept = { since: now() - KEEP_MS, rows: KEEP_ROWS, shallow: KEEP_SHALLOW_ROWS };
    saving = saving
      .then(() => store.prune(kept))
      .catch((err: unknown) => log.error({ err }, "old connection attempts could not be removed"));
    return saving;
  }

  const sweeper = setInterval(() => void sweep(), SWEEP_MS).unref();
  return {
    keep(attempt: Attempt): void {
      unsaved.set(attempt.id, attempt);
      if (unsaved.size > MAX_UNSAVED) void save();
      else timer ??= setTimeout(() => void save(), SAVE_MS).unref();
    },
    save,
    async close() {
      clearInterval(sweeper);
      await save();
      await sweep();
    },
  };
}

function lacksScope(row: FollowedRow): boolean {
  return factOf(row)?.reason === "insufficient_scope";
}

function rowOf({ id, startedAt, updatedAt, network, userAgent, client, steps }: Attempt): ConnectionRow {
  const depth = Math.max(0, ...steps.map(({ step, outcome }) => (outcome === "failed" && step !== "challenge" ? 1 : orderOf(step))));
  return { id, started_at: startedAt, updated_at: updatedAt, depth, body: JSON.stringify({ network, userAgent, client, steps }) };
}

function attemptOf({ id, started_at: startedAt, updated_at: updatedAt, body }: ConnectionRow): Omit<Attempt, "traces"> {
  const kept = JSON.parse(body) as Pick<Attempt, "network" | "userAgent" | "client" | "steps">;
  return { ...kept, id, startedAt, updatedAt };
}
