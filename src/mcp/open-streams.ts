import type { Principal } from "../call/index.ts";
import { refuse, type Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";

/** The streams that clients hold open in this process, whatever their revision: counted for each agent, and ended with their token. */
export interface OpenStreams {
  /** Why this agent may open no further stream; undefined when it may. */
  check(principal: Principal): Refusal | undefined;
  /**
   * Counts a stream. `end` is called once: when its token has expired or holds no longer what it held, or when the server stops and calls under
   * way may still end. Returns what takes it off the list.
   */
  add(principal: Principal, end: (isStopping: boolean) => void): () => void;
  /** Ends all of them. */
  close(): void;
}

/** Streams that one agent may hold open. */
const MAX_STREAMS_PER_CLIENT = 8;
/** How often it is looked whether the tokens of open streams still hold. */
const WATCH_MS = 250;

interface Open {
  readonly principal: Principal;
  readonly end: (isStopping: boolean) => void;
}

/** `isValid` says whether the token that opened a stream still holds. */
export function createOpenStreams(now: Clock, isValid: (principal: Principal) => boolean): OpenStreams {
  const open = new Map<string, Set<Open>>();
  let watch: NodeJS.Timeout | undefined;

  function remove(stream: Open): boolean {
    const { clientId } = stream.principal.caller;
    const mine = open.get(clientId);
    if (mine?.delete(stream) !== true) return false;
    if (mine.size === 0) open.delete(clientId);
    if (open.size === 0) {
      clearInterval(watch);
      watch = undefined;
    }
    return true;
  }

  function endWhere(isOver: (principal: Principal) => boolean, isStopping: boolean): void {
    for (const stream of [...open.values()].flatMap((streams) => [...streams])) {
      if (isOver(stream.principal) && remove(stream)) stream.end(isStopping);
    }
  }

  /** A stream may not outlive what its token held when it was opened. */
  function endStale(): void {
    endWhere((principal) => now() >= principal.caller.expiresAt || !isValid(principal), false);
  }

  return {
    check({ caller }) {
      if ((open.get(caller.clientId)?.size ?? 0) < MAX_STREAMS_PER_CLIENT) return undefined;
      return refuse("rate_limited", {
        message: `This agent already holds ${MAX_STREAMS_PER_CLIENT} open streams. Close one first.`,
        headers: { "retry-after": "1" },
      });
    },
    add(principal, end) {
      const stream = { principal, end };
      const { clientId } = principal.caller;
      const mine = open.get(clientId) ?? new Set();
      mine.add(stream);
      open.set(clientId, mine);
      watch ??= setInterval(endStale, WATCH_MS).unref();
      return () => void remove(stream);
    },
    close: () => endWhere(() => true, true),
  };
}
