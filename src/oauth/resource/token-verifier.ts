import { hash } from "node:crypto";
import { compactVerify } from "jose";
import { refuse, type Refusal } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import type { Log } from "../../lib/log.ts";
import type { RevocationKind, Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import { narrowScopes } from "../scope-policy.ts";
import { MAX_TOKEN_LIFE_SECONDS, SIGNING_ALG } from "../token-rules.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import { createRevocationList, type RevocationList } from "./revocation-list.ts";
import { isSameStanding, readStandings, type Standing } from "./standing.ts";
import { createTokenCache, type TokenCache } from "./token-cache.ts";
import { isExpired, parseClaims, type TokenClaims } from "./token-claims.ts";
import { parseTokenShape } from "./token-shape.ts";
import type { VerifiedToken } from "./verified-token.ts";

export interface TokenVerifier {
  /** Synchronous for a token that was verified before; it is compared with the revocations each time all the same. */
  verify(token: string): VerifiedToken | Refusal | Promise<VerifiedToken | Refusal>;
  /** Writes a revocation and applies it here at once; other processes follow within about a second. A revoked grant never revives. */
  revoke(kind: RevocationKind, value: string): Promise<void>;
  /** Reads revocations, keys, and what became of the clients and grants of known tokens. Runs by itself every 500 ms. */
  refresh(): Promise<void>;
  close(): void;
}

export interface TokenVerifierOptions {
  readonly issuer: string;
  /** Canonical URL of the protected resource: the only audience that is accepted. */
  readonly resource: string;
  readonly store: Pick<Store, "db" | "grants" | "revocations" | "signingKeys">;
  readonly scopes: ScopeCatalogue;
  readonly now: Clock;
  readonly log: Log;
  /** Default 10,000. */
  readonly maxCachedTokens?: number;
}

const REFRESH_MS = 500;
/** Longer without news of revocations, and no token is accepted. */
const STALE_MS = 10_000;
/** Rows may be committed late and by clocks that differ: the last minute is read again each time. */
const OVERLAP_MS = 60_000;
const LIFE_MS = MAX_TOKEN_LIFE_SECONDS * 1000;
const MAX_CACHED_TOKENS = 10_000;

const UNAVAILABLE_TEXT = "Access tokens cannot be checked for revocation at the moment, so none is accepted. Try again later.";

interface Parts {
  readonly options: TokenVerifierOptions;
  readonly keys: KeySet;
  readonly cache: TokenCache;
  readonly revocations: RevocationList;
}

/** Reads keys and revocations first; rejects when the store cannot be read. */
export async function createTokenVerifier(options: TokenVerifierOptions): Promise<TokenVerifier> {
  const { store, now } = options;
  const keys = createKeySet(store.signingKeys, now);
  const cache = createTokenCache(options.maxCachedTokens ?? MAX_CACHED_TOKENS);
  const revocations = createRevocationList();
  const parts: Parts = { options, keys, cache, revocations };
  let freshAt = now() - LIFE_MS;
  let refreshing: Promise<void> | undefined;

  async function readNews(): Promise<void> {
    const startedAt = now();
    // From the last success on, not from now: after an outage nothing is skipped.
    for (const row of await store.revocations.since(freshAt - OVERLAP_MS)) revocations.add(row);
    revocations.forget(startedAt - LIFE_MS - OVERLAP_MS);
    if (await keys.load()) cache.clear();
    await dropChanged(cache, store.db);
    freshAt = startedAt;
  }

  function refresh(): Promise<void> {
    refreshing ??= readNews().finally(() => (refreshing = undefined));
    return refreshing;
  }

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => options.log.error({ err: error }, "revocations cannot be read")),
    REFRESH_MS,
  ).unref();

  return {
    verify(token) {
      const time = now();
      if (Math.abs(time - freshAt) > STALE_MS) return refuse("unavailable", { message: UNAVAILABLE_TEXT });
      const digest = hash("sha256", token, "base64url");
      const known = cache.get(digest);
      if (known === undefined) return verifyNew(parts, token, digest);
      if (!isExpired(known.expiresAt, time) && !revocations.isRevoked(known)) return known;
      cache.drop(digest);
      return refuse("invalid_token");
    },
    async revoke(kind, value) {
      const at = now();
      await store.revocations.add({ id: createId("rev"), kind, value, at });
      revocations.add({ kind, value, at });
      if (kind === "grant") await store.grants.revoke(value, at);
    },
    refresh,
    close: () => clearInterval(timer),
  };
}

/** Drops the tokens whose client or grant is no longer what it was when they were verified; their next use looks anew. */
async function dropChanged(cache: TokenCache, db: Store["db"]): Promise<void> {
  const before = cache.standings();
  const after = await readStandings(
    db,
    before.map((standing) => standing.grantId),
  );
  for (const standing of before) {
    if (!isSameStanding(standing, after.get(standing.grantId))) cache.dropGrant(standing.grantId);
  }
}

/** What can fail here is the store: then no token is accepted, which is nobody's fault but the server's. */
async function verifyNew(parts: Parts, token: string, digest: string): Promise<VerifiedToken | Refusal> {
  try {
    return await verifyAndKeep(parts, token, digest);
  } catch (error) {
    parts.options.log.error({ err: error }, "an access token could not be checked");
    return refuse("unavailable", { message: UNAVAILABLE_TEXT });
  }
}

async function verifyAndKeep(parts: Parts, token: string, digest: string): Promise<VerifiedToken | Refusal> {
  const { options, cache, revocations } = parts;
  const claims = await verifySignature(parts, token);
  if (claims === undefined) return refuse("invalid_token");
  const standing = (await readStandings(options.store.db, [claims.grantId])).get(claims.grantId);
  const verified = standing === undefined ? undefined : judge(options, claims, standing);
  if (standing === undefined || verified === undefined || revocations.isRevoked(verified)) return refuse("invalid_token");
  cache.put(digest, verified, standing);
  return verified;
}

async function verifySignature({ options, keys }: Parts, token: string): Promise<TokenClaims | undefined> {
  const shape = parseTokenShape(token);
  if (shape === undefined) return undefined;
  const key = await keys.find(shape.kid);
  if (key === undefined) return undefined;
  try {
    await compactVerify(token, key, { algorithms: [SIGNING_ALG] });
  } catch {
    return undefined;
  }
  return parseClaims(shape.claims, { issuer: options.issuer, resource: options.resource, now: options.now() });
}

/** The token as its grant and client allow it now, or undefined when they do not. */
function judge({ scopes, now }: TokenVerifierOptions, claims: TokenClaims, standing: Standing): VerifiedToken | undefined {
  if (!standing.isLive || isExpired(standing.expiresAt, now())) return undefined;
  if (standing.clientId !== claims.clientId || standing.subject !== claims.subject) return undefined;
  const { scope, ...identity } = claims;
  return {
    ...identity,
    workspaceId: standing.workspaceId,
    scopes: narrowScopes(scopes, scope, standing.policy),
    expiresAt: Math.min(claims.expiresAt, standing.expiresAt),
  };
}
