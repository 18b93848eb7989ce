import { importJWK, type CryptoKey, type JWK } from "jose";
import type { Clock } from "../../lib/clock.ts";
import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import { isRecord } from "../../lib/is-record.ts";
import { isKid } from "../compact-jws.ts";
import { discoverJwksUri } from "./discover-jwks-uri.ts";
import { fetchJson } from "./fetch-json.ts";

/** The public keys of another issuer, by key id and algorithm. */
export interface RemoteKeys {
  /**
   * The key; looks again for one that is not known, at most every 30 seconds, and when the keys are old, so that one that is gone is found no more;
   * those that were read stay good while they cannot be read again. Rejects when there is none that fits and they cannot be read.
   */
  find(kid: string, alg: string): Promise<CryptoKey | undefined>;
  /** Has keys that were read some minutes ago read again, without waiting. True when one was found gone since this was last asked. */
  refresh(): boolean;
}

export interface RemoteKeysOptions {
  readonly fetch: GuardedFetch;
  readonly issuer: string;
  /** Undefined to find it out. */
  readonly jwksUri: string | undefined;
  readonly now: Clock;
}

const COOLDOWN_MS = 30_000;
/** While there are no keys at all nobody can call, so that is tried sooner. */
const RETRY_MS = 2000;
const MAX_AGE_MS = 300_000;
const MAX_KEYS = 100;
const MAX_JWKS_BYTES = 262_144;

export function createRemoteKeys(options: RemoteKeysOptions): RemoteKeys {
  const { fetch: guardedFetch, now } = options;
  let keys: ReadonlyMap<string, JWK> | undefined;
  const imported = new Map<string, CryptoKey>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let isLost = false;

  async function read(): Promise<void> {
    const uri = options.jwksUri ?? (await discoverJwksUri(guardedFetch, options.issuer));
    const next = parseKeys(await fetchJson(guardedFetch, uri, { maxBodyBytes: MAX_JWKS_BYTES }));
    for (const [kid, jwk] of keys ?? []) isLost ||= !isSameKey(jwk, next.get(kid));
    keys = next;
    readAt = now();
    imported.clear();
  }

  function look(): Promise<void> {
    lookedAt = now();
    looking ??= read().finally(() => (looking = undefined));
    return looking;
  }

  return {
    async find(kid, alg) {
      const mayLook = looking !== undefined || Math.abs(now() - lookedAt) >= (keys === undefined ? RETRY_MS : COOLDOWN_MS);
      if (mayLook && keys?.has(kid) !== true) await (looking ?? look());
      // While they cannot be read again the present ones stay.
      else if (mayLook && Math.abs(now() - readAt) >= MAX_AGE_MS) await (looking ?? look()).catch(() => undefined);
      if (keys === undefined) throw new Error("the keys of the issuer are not known");
      const jwk = keys.get(kid);
      if (jwk === undefined || (jwk.alg !== undefined && jwk.alg !== alg)) return undefined;
      const id = `${alg} ${kid}`;
      const known = imported.get(id);
      if (known !== undefined) return known;
      const key = await importKey(jwk, alg);
      if (key !== undefined) imported.set(id, key);
      return key;
    },
    refresh() {
      if (keys !== undefined && looking === undefined && Math.abs(now() - lookedAt) >= MAX_AGE_MS) {
        // While they cannot be read the present ones stay; the next look is due as soon as that for an unknown one.
        look().catch(() => undefined);
      }
      const wasLost = isLost;
      isLost = false;
      return wasLost;
    },
  };
}

/** The keys for signatures that have an id of their own (RFC 7517 §4); what is secret or for something else is no key of these. */
function parseKeys(document: Readonly<Record<string, unknown>>): ReadonlyMap<string, JWK> {
  const listed: unknown = document["keys"];
  if (!Array.isArray(listed) || listed.length > MAX_KEYS) throw new Error("the answer is not a JWK Set");
  const usable = (listed as unknown[]).filter(
    (key): key is Record<string, unknown> & { kid: string } =>
      isRecord(key) && isKid(key["kid"]) && key["kty"] !== "oct" && !("d" in key) && (key["use"] ?? "sig") === "sig",
  );
  const counts = Map.groupBy(usable, ({ kid }) => kid);
  return new Map(usable.filter(({ kid }) => counts.get(kid)?.length === 1).map((key) => [key.kid, publicMembers(key)]));
}

const MEMBERS = ["kty", "crv", "x", "y", "n", "e", "alg"];

function publicMembers(key: Readonly<Record<string, unknown>>): JWK {
  return Object.fromEntries(MEMBERS.filter((name) => typeof key[name] === "string").map((name) => [name, key[name]]));
}

function isSameKey(a: JWK, b: JWK | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Undefined for a key that is not of the kind that the algorithm needs. */
async function importKey(jwk: JWK, alg: string): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(jwk, alg);
    return key instanceof Uint8Array ? undefined : key;
  } catch {
    return undefined;
  }
}
