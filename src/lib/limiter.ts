import type { Clock } from "./clock.ts";

/** Says how soon a key may act again. Quotas by policy come behind the same interface. */
export interface Limiter {
  /** Takes tokens of the key's bucket, one by default. Zero when they were there; otherwise the seconds to wait, at least 1. */
  take(key: string, count?: number): number;
}

/** From so many keys on, those whose buckets are full are forgotten from time to time. */
const MANY_KEYS = 10_000;

/**
 * A token bucket per key, in memory, as the generic cell rate algorithm: one number a key, the instant at which its bucket is full again.
 */
export function createLimiter(options: { readonly perSecond: number; readonly burst: number; readonly now: Clock }): Limiter {
  const { burst, now } = options;
  const intervalMs = 1000 / options.perSecond;
  const toleranceMs = intervalMs * burst;
  let fullAt = new Map<string, number>();
  let sweepFrom = MANY_KEYS;
  return {
    take(key, count = 1) {
      const at = now();
      const known = fullAt.get(key) ?? 0;
      // Further ahead than a bucket can be is only what was counted before the clock was set back.
      const from = known - at > toleranceMs ? at : Math.max(known, at);
      const next = from + intervalMs * count;
      if (next - at > toleranceMs) return Math.max(1, Math.ceil((next - toleranceMs - at) / 1000));
      if (fullAt.size >= sweepFrom) {
        fullAt = new Map([...fullAt].filter(([, full]) => full > at));
        // Twice as many as are left must come before the next look at all of them, so that a flood of keys costs each the same.
        sweepFrom = Math.max(MANY_KEYS, 2 * fullAt.size);
      }
      fullAt.set(key, next);
      return 0;
    },
  };
}
