import type { Clock } from "../../lib/clock.ts";

/** How often each thing was asked for lately. */
export interface ChallengeCounts {
  /** Counts one more. False, and nothing is counted, when there were too many within the window already. */
  add(key: string): boolean;
  isFull(key: string): boolean;
}

/** A client that is told the same so often within the window goes in circles. */
export const MAX_CHALLENGES = 5;
export const WINDOW_MINUTES = 10;
const WINDOW_MS = WINDOW_MINUTES * 60_000;
const MAX_KEYS = 10_000;

/** Of more than `maxKeys` the least recent are forgotten; then a client is only told again what it was told before. */
export function createChallengeCounts(now: Clock, maxKeys: number = MAX_KEYS): ChallengeCounts {
  const instants = new Map<string, readonly number[]>();
  function recent(key: string): readonly number[] {
    const since = now() - WINDOW_MS;
    return (instants.get(key) ?? []).filter((at) => at > since);
  }
  return {
    add(key) {
      const known = recent(key);
      if (known.length >= MAX_CHALLENGES) return false;
      const oldest = instants.size >= maxKeys && !instants.has(key) ? instants.keys().next() : undefined;
      if (oldest?.done === false) instants.delete(oldest.value);
      // Deleted first, so that the order of the keys is that of their last use.
      instants.delete(key);
      instants.set(key, [...known, now()]);
      return true;
    },
    isFull: (key) => recent(key).length >= MAX_CHALLENGES,
  };
}
