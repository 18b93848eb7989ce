import { importJWK, type CryptoKey, type JWK } from "jose";
import type { Clock } from "../../lib/clock.ts";
import type { SigningKeyStore } from "../../store/index.ts";
import { SIGNING_ALG } from "../token-rules.ts";

/** The public keys of the issuer. A key id is only ever looked up here: not a path, not a URL, not a query. */
export interface KeySet {
  /** The key, after one look into the store when it is not known; at most one such look in 30 seconds. */
  find(kid: string): Promise<CryptoKey | undefined>;
  /** Takes over the keys that the store holds now. True when a key that was known is gone. */
  load(): Promise<boolean>;
}

const COOLDOWN_MS = 30_000;

export function createKeySet(store: Pick<SigningKeyStore, "list">, now: Clock): KeySet {
  let keys = new Map<string, CryptoKey>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;

  async function load(): Promise<boolean> {
    const next = new Map<string, CryptoKey>();
    for (const row of await store.list()) {
      if (row.alg !== SIGNING_ALG) continue;
      const key = keys.get(row.kid) ?? (await importJWK(JSON.parse(row.public_jwk) as JWK, SIGNING_ALG));
      if (!(key instanceof Uint8Array)) next.set(row.kid, key);
    }
    const isLost = [...keys.keys()].some((kid) => !next.has(kid));
    keys = next;
    return isLost;
  }

  return {
    load,
    async find(kid) {
      const known = keys.get(kid);
      if (known !== undefined) return known;
      if (looking === undefined) {
        if (Math.abs(now() - lookedAt) < COOLDOWN_MS) return undefined;
        lookedAt = now();
        looking = load().finally(() => (looking = undefined));
      }
      await looking;
      return keys.get(kid);
    },
  };
}
