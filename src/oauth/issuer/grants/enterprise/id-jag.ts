import { compactVerify, type CryptoKey } from "jose";
import { sha256Hex } from "../../../../lib/secret.ts";
import { isKid, parseCompactJws } from "../../../compact-jws.ts";
import { OAuthError } from "../../../oauth-error.ts";
import { LEEWAY_SECONDS } from "../../../token-rules.ts";
import { ASSERTION_ALGS } from "../../issuer-metadata.ts";
import { enterpriseKeys } from "./enterprise-keys.ts";
import type { EnterpriseIssuer, GrantDeps } from "../grant-deps.ts";

/** What an identity provider asserts about a person, for one client and this server. */
export interface Assertion {
  readonly issuer: string;
  readonly subject: string;
  /** Lower case; only when the provider says that it is verified. */
  readonly email: string | undefined;
  /** Space-separated; undefined when the provider does not limit them. */
  readonly scope: string | undefined;
}

type Claims = Readonly<Record<string, unknown>>;

const TYPE = "oauth-id-jag+jwt";
const HEADER_MEMBERS = new Set(["alg", "typ", "kid", "x5t", "x5t#S256"]);
const MAX_LIFE_SECONDS = 300;
const MAX_TEXT_CHARS = 512;

/**
 * Verifies an Identity Assertion JWT Authorization Grant (MCP enterprise-managed authorization; RFC 7523 §3) and uses it up. Throws OAuthError
 * `invalid_grant` for one that is not good, and `temporarily_unavailable` when the provider's keys cannot be had.
 */
export async function acceptIdJag(
  deps: GrantDeps,
  enterprise: EnterpriseIssuer,
  input: { assertion: string; clientId: string },
): Promise<Assertion> {
  const claims = await verifySignature(deps, enterprise, input.assertion);
  const problem = checkParties(deps, claims, input.clientId) ?? checkTimes(claims, deps.now() / 1000);
  if (problem !== undefined) throw refused(problem);
  const { sub, jti, scope, email } = claims;
  if (!isText(sub) || !isText(jti)) throw refused("it needs sub and jti");
  if (scope !== undefined && typeof scope !== "string") throw refused("its scope is no text");
  await useUp(deps, claims);
  const isVerified = typeof email === "string" && claims["email_verified"] === true;
  return { issuer: enterprise.issuer, subject: sub, email: isVerified ? email.toLowerCase() : undefined, scope };
}

function refused(problem: string): OAuthError {
  return new OAuthError("invalid_grant", `the assertion is not valid here: ${problem}`);
}

async function verifySignature(deps: GrantDeps, enterprise: EnterpriseIssuer, assertion: string): Promise<Claims> {
  const jws = parseCompactJws(assertion, HEADER_MEMBERS);
  if (jws === undefined || jws.header["typ"] !== TYPE) throw refused(`send a JWT with typ ${TYPE}`);
  // Whose it claims to be is looked at first, so that nobody else's assertion makes keys be fetched.
  if (jws.claims["iss"] !== enterprise.issuer) throw refused("its issuer is not trusted here");
  const key = await findKey(deps, enterprise, jws.header);
  try {
    if (key !== undefined) await compactVerify(assertion, key, { algorithms: [...ASSERTION_ALGS] });
  } catch {
    throw refused(NOT_SIGNED);
  }
  if (key === undefined) throw refused(NOT_SIGNED);
  return jws.claims;
}

const NOT_SIGNED = "its signature is not that of the issuer";

/** Undefined when the issuer has no such key. */
async function findKey(deps: GrantDeps, enterprise: EnterpriseIssuer, { alg, kid }: Claims): Promise<CryptoKey | undefined> {
  if (!isAlg(alg) || !isKid(kid)) return undefined;
  try {
    return await enterpriseKeys(deps, enterprise).find(kid, alg);
  } catch (error) {
    deps.log.warn({ err: error }, "the keys of the identity provider could not be read");
    throw new OAuthError("temporarily_unavailable", "the identity provider cannot be asked for its keys; try again later", 503);
  }
}

function isAlg(alg: unknown): alg is string {
  return (ASSERTION_ALGS as readonly unknown[]).includes(alg);
}

function checkParties({ issuer, resourceAliases }: GrantDeps, claims: Claims, clientId: string): string | undefined {
  const { aud, resource, client_id } = claims;
  if (single(aud) !== issuer) return `its aud must be ${issuer} alone`;
  const named = single(resource);
  if (typeof named !== "string" || !resourceAliases.has(named)) return "its resource is not the one here";
  return client_id === clientId ? undefined : "it was issued for another client";
}

function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function checkTimes({ exp, iat, nbf }: Claims, nowSeconds: number): string | undefined {
  if (!isSeconds(exp) || !isSeconds(iat) || (nbf !== undefined && !isSeconds(nbf))) return "it needs exp and iat, in seconds";
  if (exp <= iat || exp - iat > MAX_LIFE_SECONDS) return `it must live for at most ${MAX_LIFE_SECONDS} seconds`;
  if (exp + LEEWAY_SECONDS <= nowSeconds) return "it has expired";
  const begins = Math.max(iat, nbf ?? iat);
  return begins > nowSeconds + LEEWAY_SECONDS ? "it is from the future" : undefined;
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 && value < 2 ** 40;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT_CHARS;
}

/** Each assertion is good once (RFC 7523 §3, jti), in all processes, for as long as it could be presented. */
async function useUp({ store, now }: GrantDeps, { iss, jti, exp }: Claims): Promise<void> {
  const row = {
    model: "IdJag",
    id_hash: sha256Hex(`${String(iss)}\n${String(jti)}`),
    payload: "{}",
    grant_id: null,
    uid: null,
    user_code: null,
    consumed_at: null,
    expires_at: Math.ceil(Number(exp) + LEEWAY_SECONDS + 1) * 1000,
  };
  if (!(await store.oidcPayloads.insertIfAbsent(row, now()))) throw refused("it was used before");
}
