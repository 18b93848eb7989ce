import type { Limiter } from "../../lib/limiter.ts";
import { isConnected, orderOf, type Attempt } from "./attempt.ts";
import type { Signal } from "./signal.ts";

export interface CorrelateOptions {
  readonly now: () => number;
  /** How many attempts a network may begin. */
  readonly beginnings: Limiter;
  begin(place: Place, at: number): Attempt;
}

export interface Place {
  readonly network: string;
  readonly userAgent: string;
}

/** So many attempts are kept in memory, each so long after its last step. */
const MAX_ATTEMPTS = 1000;
const IDLE_MS = 3_600_000;
/** Steps of nobody known belong together within this time. */
const NEAR_MS = 600_000;

const AUTHORIZE = orderOf("authorize");

/**
 * Which attempt a step belongs to. What names it exactly counts first: the interaction, the code, the id of a client that is nobody else's.
 * Steps before that are told by network and user agent, since clients are strangers until they register; a person's browser joins what
 * began in its network a moment ago.
 */
export function createCorrelation({ now, beginnings, begin }: CorrelateOptions) {
  const attempts = new Map<string, Attempt>();
  const byTrace = new Map<string, Attempt>();
  const byPlace = new Map<string, Attempt>();

  function find(signal: Signal, traces: readonly string[], place: Place): Attempt | undefined {
    const exact = traces.map((trace) => byTrace.get(trace)).find((known) => known !== undefined);
    if (exact !== undefined) return isOver(exact, signal) ? undefined : exact;
    const { id } = signal.client ?? {};
    const here = byPlace.get(keyOf(place));
    if (here !== undefined && isNear(here) && !isOver(here, signal) && isSame(here, id)) return here;
    if (id === undefined) return undefined;
    const recent = [...attempts.values()].reverse();
    if (orderOf(signal.step) >= orderOf("token")) {
      const waiting = recent.find((each) => each.client.id === id && isNear(each) && !isConnected(each));
      if (waiting !== undefined) return waiting;
      if (signal.outcome === "failed") return recent.find((each) => each.client.id === id && each.network === place.network);
      return undefined;
    }
    // The browser of the person in front of the client.
    return recent.find((each) => each.network === place.network && each.client.id === undefined && isNear(each) && !isConnected(each));
  }

  /** A client that is connected and begins anew makes another attempt. */
  function isOver(attempt: Attempt, { step, outcome, isRoutine = false }: Signal): boolean {
    if (!isConnected(attempt)) return false;
    if (step === "challenge") return outcome !== "failed";
    return !isRoutine && orderOf(step) >= orderOf("registration") && orderOf(step) <= AUTHORIZE;
  }

  function isNear({ updatedAt }: Attempt): boolean {
    return now() - updatedAt < NEAR_MS;
  }

  function forget(): void {
    for (const [id, attempt] of attempts) {
      if (attempts.size <= MAX_ATTEMPTS && now() - attempt.updatedAt < IDLE_MS) return;
      attempts.delete(id);
      for (const trace of attempt.traces) if (byTrace.get(trace) === attempt) byTrace.delete(trace);
      const place = keyOf(attempt);
      if (byPlace.get(place) === attempt) byPlace.delete(place);
    }
  }

  return {
    /** Undefined when it belongs to none and begins none. */
    attemptFor(signal: Signal, traces: readonly string[], place: Place): Attempt | undefined {
      let attempt = find(signal, traces, place);
      if (attempt === undefined) {
        if (signal.isRoutine === true || beginnings.take(place.network) > 0) return undefined;
        attempt = begin(place, now());
        byPlace.set(keyOf(place), attempt);
      }
      // The latest stands last.
      attempts.delete(attempt.id);
      attempts.set(attempt.id, attempt);
      for (const trace of traces) byTrace.set(trace, attempt);
      forget();
      return attempt;
    },
    get: (id: string) => attempts.get(id),
    /** The attempt by which a client was connected not long ago. */
    connected: (clientId: string) =>
      [...attempts.values()].reverse().find((each) => each.client.id === clientId && isConnected(each) && isNear(each)),
    hasRecent: () => attempts.size > 0,
  };
}

function isSame({ client }: Attempt, id: string | undefined): boolean {
  return id === undefined || client.id === undefined || client.id === id;
}

function keyOf({ network, userAgent }: Place): string {
  return `${network} ${userAgent}`;
}
