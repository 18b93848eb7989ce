import { hash } from "node:crypto";
import { refuse, type Refusal } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import type { Log } from "../../lib/log.ts";
import type { RevocationKind, Store } from "../../store/index.ts";
import { createProofFreshness, verifyProof, type ProofResult } from "../dpop/index.ts";
import { MAX_TOKEN_LIFE_SECONDS } from "../token-rules.ts";
import { createRevocationList, type RevocationList } from "./revocation-list.ts";
import { createTokenCache, type Standing, type TokenCache } from "./token-cache.ts";
import { isExpired } from "./token-claims.ts";
import type { VerifiedToken } from "./verified-token.ts";

export interface TokenVerifier {
  /**
   * Synchronous for a token that was verified before; it is compared with the revocations each time all the same. `connection` is any object
   * that lives as long as the connection it came over.
   */
  verify(token: string, connection?: object): VerifiedToken | Refusal | Promise<VerifiedToken | Refusal>;
  /** Checks the proof that came with a token (RFC 9449 §7.1). Each proof is good once. */
  verifyProof(token: string, sent: { readonly proof: string; readonly method: string; readonly url: string }): Promise<ProofResult>;
  /** Whether a token that `verify` gave still holds what it held then, for streams that stay open; soon false when not. */
  isValid(token: VerifiedToken): boolean;
  /**
   * Writes a revocation and applies it here at once; other processes follow within about a second. A revoked grant or family never
   * revives, and takes its refresh tokens along; a grant also takes those that were narrowed from it.
   */
  revoke(kind: RevocationKind, value: string): Promise<void>;
  /** Reads revocations, keys, and what became of the rows that known tokens stand on. Runs by itself every 500 ms. */
  refresh(): Promise<void>;
  close(): void;
}

export interface KernelOptions {
  /** Canonical URL of the protected resource: the only audience that is accepted. */
  readonly resource: string;
  readonly store: Pick<Store, "db" | "grants" | "oidcPayloads" | "refreshTokens" | "revocations">;
  readonly now: Clock;
  readonly log: Log;
  /** Default 10,000. */
  readonly maxCachedTokens?: number;
  /** Told of tokens that were good and are refused because what they stand on has ended. Does its work later, and does not throw. */
  readonly onDead?: ((token: Pick<VerifiedToken, "tokenId" | "clientId" | "subject" | "grantId" | "workspaceId">) => void) | undefined;
}

/** A token that is good, and on what that rests. */
export interface Judged {
  readonly token: VerifiedToken;
  readonly standing: Standing;
  /** Epoch milliseconds until which this may be relied on; Infinity when only revocation and expiry end it. */
  readonly until: number;
}

/** How the tokens of one issuer are judged. */
export interface Judge {
  /** Undefined for a token that is not good; rejects when that cannot be found out. Revocations are not its matter. */
  judge(token: string): Promise<Judged | undefined>;
  /** Takes over the issuer's present keys. True when one is gone that tokens were verified with. */
  loadKeys(): Promise<boolean>;
  /** The stamps now of those keys of standings that still exist. */
  stamps(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
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
  readonly options: KernelOptions;
  readonly judge: Judge;
  readonly cache: TokenCache;
  readonly revocations: RevocationList;
}

/** What is the same for the tokens of every issuer. Reads revocations and keys first; rejects when the store cannot be read. */
export async function createVerifierKernel(options: KernelOptions, judge: Judge): Promise<TokenVerifier> {
  const { store, now } = options;
  const cache = createTokenCache(options.maxCachedTokens ?? MAX_CACHED_TOKENS);
  const revocations = createRevocationList();
  const parts: Parts = { options, judge, cache, revocations };
  const digestOf = createDigester();
  const isFresh = createProofFreshness(store.oidcPayloads, now);
  let freshAt = now() - LIFE_MS;
  let refreshing: Promise<void> | undefined;

  async function readNews(): Promise<void> {
    const startedAt = now();
    // From the last success on, not from now: after an outage nothing is skipped.
    for (const row of await store.revocations.since(freshAt - OVERLAP_MS)) revocations.add(row);
    revocations.forget(startedAt - LIFE_MS - OVERLAP_MS);
    if (await judge.loadKeys()) cache.clear();
    await dropChanged(parts);
    freshAt = startedAt;
  }

  /** Whoever asks while the store is read wants what was written before they asked. */
  async function refresh(): Promise<void> {
    await refreshing?.catch(() => undefined);
    refreshing ??= readNews().finally(() => (refreshing = undefined));
    return refreshing;
  }

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => options.log.error({ err: error }, "revocations cannot be read")),
    REFRESH_MS,
  ).unref();

  const isStale = (time: number): boolean => Math.abs(time - freshAt) > STALE_MS;
  const isGood = (token: VerifiedToken, time: number): boolean => !isExpired(token.expiresAt, time) && !revocations.isRevoked(token);

  return {
    verify(token, connection) {
      const time = now();
      if (isStale(time)) return refuse("unavailable", { message: UNAVAILABLE_TEXT });
      const digest = digestOf(token, connection);
      const known = cache.get(digest);
      if (known === undefined) return verifyNew(parts, token, digest);
      if (isGood(known.token, time)) return known.until > time ? known.token : verifyNew(parts, token, digest);
      cache.drop(digest);
      if (!isExpired(known.token.expiresAt, time)) options.onDead?.(known.token);
      return refuse("invalid_token");
    },
    verifyProof: (accessToken, sent) => verifyProof({ ...sent, accessToken, nowSeconds: now() / 1000, isFresh }),
    isValid(token) {
      const time = now();
      const known = cache.find(token);
      return known !== undefined && known.until > time && !isStale(time) && isGood(token, time);
    },
    revoke: (kind, value) => revoke(parts, kind, value),
    refresh,
    close: () => clearInterval(timer),
  };
}

/** Digests of tokens. One connection mostly brings the same token again and again: that is compared, which takes a tenth of the time. */
function createDigester(): (token: string, connection: object | undefined) => string {
  const last = new WeakMap<object, { readonly token: string; readonly digest: string }>();
  return (token, connection) => {
    const known = connection === undefined ? undefined : last.get(connection);
    if (known?.token === token) return known.digest;
    const digest = hash("sha256", token, "base64url");
    if (connection !== undefined) last.set(connection, { token, digest });
    return digest;
  };
}

async function revoke({ options: { store, now }, revocations }: Parts, kind: RevocationKind, value: string): Promise<void> {
  const at = now();
  const add = async (each: string): Promise<void> => {
    await store.revocations.add({ id: createId("rev"), kind, value: each, at });
    revocations.add({ kind, value: each, at });
  };
  await add(value);
  if (kind === "family") await store.refreshTokens.endFamily(value);
  if (kind === "client") await store.refreshTokens.endParty("client_id", value);
  if (kind === "subject") await store.refreshTokens.endParty("subject", value);
  if (kind !== "grant") return;
  const revoked = await store.grants.revoke(value, at);
  for (const id of revoked) if (id !== value) await add(id);
  for (const id of new Set([value, ...revoked])) await store.refreshTokens.endGrant(id);
}

/** Drops the tokens that stand on rows which are no longer what they were when these were verified; their next use looks anew. */
async function dropChanged({ cache, judge }: Parts): Promise<void> {
  const before = cache.standings();
  const after = await judge.stamps(before.map(({ key }) => key));
  for (const { key, stamp } of before) if (after.get(key) !== stamp) cache.dropStanding(key);
}

/** What can fail here is the store or the issuer: then no token is accepted, which is not the caller's fault. */
async function verifyNew({ options, judge, cache, revocations }: Parts, token: string, digest: string): Promise<VerifiedToken | Refusal> {
  try {
    const judged = await judge.judge(token);
    if (judged === undefined || revocations.isRevoked(judged.token)) {
      if (judged !== undefined) options.onDead?.(judged.token);
      cache.drop(digest);
      return refuse("invalid_token");
    }
    return cache.put(digest, judged.token, judged);
  } catch (error) {
    options.log.error({ err: error }, "an access token could not be checked");
    return refuse("unavailable", { message: UNAVAILABLE_TEXT });
  }
}
