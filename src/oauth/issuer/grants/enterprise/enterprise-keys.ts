import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from "jose";
import type { Clock } from "../../../../lib/clock.ts";
import type { GuardedFetch } from "../../../../lib/guarded-fetch.ts";
import { isRecord } from "../../../../lib/is-record.ts";
import type { EnterpriseIssuer, GrantDeps } from "../grant-deps.ts";

type LocalKeys = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<LocalKeys>>;

/** The keys of an identity provider, as `compactVerify` asks for them. */
export type EnterpriseKeys = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<Key>;

const MAX_AGE_MS = 600_000;
/** Nobody can make the keys be read more often. */
const COOLDOWN_MS = 30_000;
const MAX_JWKS_BYTES = 262_144;

const known = new WeakMap<EnterpriseIssuer, EnterpriseKeys>();

/** The one key source of a configured provider, so that all requests share what was read. */
export function enterpriseKeys(
  { fetch: guardedFetch, now }: Pick<GrantDeps, "fetch" | "now">,
  enterprise: EnterpriseIssuer,
): EnterpriseKeys {
  const keys = known.get(enterprise) ?? createEnterpriseKeys(enterprise, guardedFetch, now);
  known.set(enterprise, keys);
  return keys;
}

function createEnterpriseKeys(enterprise: EnterpriseIssuer, guardedFetch: GuardedFetch, now: Clock): EnterpriseKeys {
  let keys: LocalKeys | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const uri = enterprise.jwksUri ?? (await discoverJwksUri(guardedFetch, enterprise.issuer));
    const document = await fetchJson(guardedFetch, uri);
    keys = createLocalJWKSet(document as unknown as JSONWebKeySet);
    readAt = now();
  }

  /** Reads the keys unless that was tried a moment ago. Keys that were read before stay good when it fails. */
  async function refresh(): Promise<void> {
    if (reading === undefined && Math.abs(now() - triedAt) < COOLDOWN_MS) return;
    if (reading === undefined) {
      triedAt = now();
      reading = read().finally(() => (reading = undefined));
    }
    try {
      await reading;
    } catch (error) {
      if (keys === undefined) throw error;
    }
  }

  return async (header, token) => {
    if (keys === undefined || Math.abs(now() - readAt) >= MAX_AGE_MS) await refresh();
    if (keys === undefined) throw new Error("the keys of the identity provider could not be read");
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return keys(header, token);
    }
  };
}

/** As the provider's metadata says (OpenID Connect Discovery §4, RFC 8414 §3), which must name its issuer byte for byte. */
async function discoverJwksUri(guardedFetch: GuardedFetch, issuer: string): Promise<string> {
  const metadata = await fetchJson(guardedFetch, `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (metadata["issuer"] !== issuer) throw new Error("the metadata names another issuer");
  if (typeof metadata["jwks_uri"] !== "string") throw new Error("the metadata names no jwks_uri");
  return metadata["jwks_uri"];
}

async function fetchJson(guardedFetch: GuardedFetch, url: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, text } = await guardedFetch(url, { headers: { accept: "application/json" }, maxBodyBytes: MAX_JWKS_BYTES });
  if (status !== 200) throw new Error(`the identity provider answered with status ${status}`);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error("the identity provider answered with something else than a JSON object");
  return value;
}
