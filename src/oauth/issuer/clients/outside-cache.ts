import type { Clock } from "../../../lib/clock.ts";

export interface Fetched<T> {
  readonly value: T;
  /** As the other server says; bounded here. */
  readonly freshForMs: number;
}

export interface OutsideCacheOptions<T> {
  /** Rejects when there is nothing that can be used. */
  load(url: string, address: string | undefined): Promise<Fetched<T>>;
  /** Whether one more fetch is within the budgets. */
  admits(url: string, address: string | undefined): boolean;
  onUnusable(url: string, error: unknown): void;
  readonly now: Clock;
}

export interface OutsideCache<T> {
  get(url: string, address: string | undefined): Promise<T | undefined>;
}

const MIN_FRESH_MS = 30_000;
const MAX_FRESH_MS = 86_400_000;
const UNUSABLE_MS = 60_000;
const MAX_ENTRIES = 500;
const MAX_UNUSABLE = 2000;

/**
 * What other servers publish at a URL that a stranger chose. However often it is asked for, it is fetched once while it is fresh, once at a time,
 * and not again for a minute when it could not be used. What could not be used takes no place of what can.
 */
export function createOutsideCache<T>({ load, admits, onUnusable, now }: OutsideCacheOptions<T>): OutsideCache<T> {
  const usable = new Map<string, { readonly value: T; readonly until: number }>();
  const unusable = new Map<string, number>();
  const underWay = new Map<string, Promise<T | undefined>>();

  async function fetchOnce(url: string, address: string | undefined): Promise<T | undefined> {
    try {
      const { value, freshForMs } = await load(url, address);
      remember(usable, {
        key: url,
        value: { value, until: now() + Math.min(Math.max(freshForMs, MIN_FRESH_MS), MAX_FRESH_MS) },
        max: MAX_ENTRIES,
      });
      return value;
    } catch (error) {
      onUnusable(url, error);
      usable.delete(url);
      remember(unusable, { key: url, value: now() + UNUSABLE_MS, max: MAX_UNUSABLE });
      return undefined;
    } finally {
      underWay.delete(url);
    }
  }

  return {
    async get(url, address) {
      const known = usable.get(url);
      if (known !== undefined && known.until > now()) {
        remember(usable, { key: url, value: known, max: MAX_ENTRIES });
        return known.value;
      }
      const running = underWay.get(url);
      if (running !== undefined) return running;
      if ((unusable.get(url) ?? 0) > now() || !admits(url, address)) return undefined;
      const fetching = fetchOnce(url, address);
      underWay.set(url, fetching);
      return fetching;
    },
  };
}

/** Puts an entry last, and drops the one that was not used for the longest time when there are too many. */
function remember<V>(
  entries: Map<string, V>,
  { key, value, max }: { readonly key: string; readonly value: V; readonly max: number },
): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > max && oldest !== undefined) entries.delete(oldest);
}
