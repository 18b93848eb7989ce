import { isSameStanding, type Standing } from "./standing.ts";
import type { VerifiedToken } from "./verified-token.ts";

/** Verified tokens by their digest, of a bounded number. Tokens themselves are not kept. */
export interface TokenCache {
  get(digest: string): VerifiedToken | undefined;
  put(digest: string, token: VerifiedToken, standing: Standing): void;
  drop(digest: string): void;
  /** The grants of the tokens that are kept, as they stood when last verified. */
  standings(): readonly Standing[];
  dropGrant(grantId: string): void;
  clear(): void;
  size(): number;
}

interface GrantEntry {
  readonly standing: Standing;
  readonly digests: Set<string>;
}

/** When full, the oldest entry makes room. */
export function createTokenCache(maxEntries: number): TokenCache {
  const tokens = new Map<string, VerifiedToken>();
  const grants = new Map<string, GrantEntry>();

  function drop(digest: string): void {
    const token = tokens.get(digest);
    if (token === undefined) return;
    tokens.delete(digest);
    const grant = grants.get(token.grantId);
    grant?.digests.delete(digest);
    if (grant?.digests.size === 0) grants.delete(token.grantId);
  }

  function dropGrant(grantId: string): void {
    for (const digest of grants.get(grantId)?.digests ?? []) tokens.delete(digest);
    grants.delete(grantId);
  }

  return {
    get: (digest) => tokens.get(digest),
    put(digest, token, standing) {
      drop(digest);
      const sibling = grants.get(token.grantId);
      // Two that were verified at once saw different rows: only what this one saw is known to go with it.
      if (sibling !== undefined && !isSameStanding(standing, sibling.standing)) dropGrant(token.grantId);
      const oldest = tokens.size >= maxEntries ? tokens.keys().next() : undefined;
      if (oldest?.done === false) drop(oldest.value);
      tokens.set(digest, token);
      const grant = grants.get(token.grantId);
      if (grant === undefined) grants.set(token.grantId, { standing, digests: new Set([digest]) });
      else grant.digests.add(digest);
    },
    drop,
    standings: () => [...grants.values()].map((grant) => grant.standing),
    dropGrant,
    clear() {
      tokens.clear();
      grants.clear();
    },
    size: () => tokens.size,
  };
}
