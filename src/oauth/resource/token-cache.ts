import type { VerifiedToken } from "./verified-token.ts";

/** Where a token stands by the rows: tokens of one key stand alike, and have to be judged anew when the stamp is another. */
export interface Standing {
  readonly key: string;
  readonly stamp: string;
}

/** A verified token, and until when what was found out about it counts, in epoch milliseconds. */
export interface CachedToken {
  readonly token: VerifiedToken;
  readonly until: number;
  readonly digest: string;
  readonly key: string;
}

/** Verified tokens by their digest, of a bounded number. Tokens themselves are not kept here. */
export interface TokenCache {
  get(digest: string): CachedToken | undefined;
  /** Keeps the token until then; gives the one to use, which is that kept before when another verified the same at the same time. */
  put(digest: string, token: VerifiedToken, judged: { readonly standing: Standing; readonly until: number }): VerifiedToken;
  drop(digest: string): void;
  /** The entry of this very token, while it is kept. */
  find(token: VerifiedToken): CachedToken | undefined;
  /** Where the tokens that are kept stood when last verified. */
  standings(): readonly Standing[];
  dropStanding(key: string): void;
  clear(): void;
}

interface Group {
  readonly standing: Standing;
  readonly digests: Set<string>;
}

/** When full, the oldest entry makes room. */
export function createTokenCache(maxEntries: number): TokenCache {
  const entries = new Map<string, CachedToken>();
  const byToken = new WeakMap<VerifiedToken, CachedToken>();
  const groups = new Map<string, Group>();

  function drop(digest: string): void {
    const entry = entries.get(digest);
    if (entry === undefined) return;
    entries.delete(digest);
    const group = groups.get(entry.key);
    group?.digests.delete(digest);
    if (group?.digests.size === 0) groups.delete(entry.key);
  }

  function dropStanding(key: string): void {
    for (const digest of groups.get(key)?.digests ?? []) entries.delete(digest);
    groups.delete(key);
  }

  return {
    get: (digest) => entries.get(digest),
    put(digest, token, { standing, until }) {
      const group = groups.get(standing.key);
      // Two that were verified at once saw different rows: only what this one saw is known to go with it.
      if (group !== undefined && group.standing.stamp !== standing.stamp) dropStanding(standing.key);
      const twin = entries.get(digest);
      if (twin?.until === until && twin.key === standing.key) return twin.token;
      drop(digest);
      const oldest = entries.size >= maxEntries ? entries.keys().next() : undefined;
      if (oldest?.done === false) drop(oldest.value);
      const entry: CachedToken = { token, until, digest, key: standing.key };
      entries.set(digest, entry);
      byToken.set(token, entry);
      const kept = groups.get(standing.key);
      if (kept === undefined) groups.set(standing.key, { standing, digests: new Set([digest]) });
      else kept.digests.add(digest);
      return token;
    },
    drop,
    find(token) {
      const entry = byToken.get(token);
      return entry !== undefined && entries.get(entry.digest) === entry ? entry : undefined;
    },
    standings: () => [...groups.values()].map((group) => group.standing),
    dropStanding,
    clear() {
      entries.clear();
      groups.clear();
    },
  };
}
