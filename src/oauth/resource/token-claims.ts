import { isRecord } from "../../lib/is-record.ts";
import { LEEWAY_SECONDS, MAX_TOKEN_LIFE_SECONDS } from "../token-rules.ts";

/** The claims of an access token that the server relies on. Instants are epoch milliseconds. */
export interface TokenClaims {
  readonly tokenId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly grantId: string;
  readonly familyId: string | undefined;
  /** Thumbprint of the key that the token is bound to (RFC 9449 §6.1). */
  readonly jkt: string | undefined;
  /** The claim `act` (RFC 8693 §4.1) as JSON. */
  readonly actor: string | undefined;
  readonly scope: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** For whom a token must have been issued, by whom, and when it is now. */
export interface Expected {
  readonly issuer: string;
  readonly resource: string;
  readonly now: number;
}

export const MAX_ID_CHARS = 256;
export const MAX_SCOPE_CHARS = 4096;
const MAX_ACTOR_CHARS = 2048;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
const LEEWAY_MS = LEEWAY_SECONDS * 1000;

/**
 * The claims, when the token was issued by this issuer for this resource and is valid now (RFC 9068 §4). `iss` and the audience are
 * compared byte for byte: a trailing slash, another case or a longer path is another resource. `aud` may be that one string, or an
 * array with only it.
 */
export function parseClaims(claims: Readonly<Record<string, unknown>>, expected: Expected): TokenClaims | undefined {
  const { iss, aud, jti, client_id, sub, gid, fid, scope } = claims;
  if (iss !== expected.issuer || !isAudience(aud, expected.resource)) return undefined;
  const times = parseTimes(claims, expected.now);
  const bearing = parseBearing(claims);
  if (times === undefined || bearing === undefined) return undefined;
  if (!isText(jti, MAX_ID_CHARS) || !isText(client_id, MAX_ID_CHARS) || !isText(sub, MAX_ID_CHARS)) return undefined;
  if (!isText(gid, MAX_ID_CHARS) || !isText(scope, MAX_SCOPE_CHARS)) return undefined;
  if (fid !== undefined && !isText(fid, MAX_ID_CHARS)) return undefined;
  return { tokenId: jti, clientId: client_id, subject: sub, grantId: gid, familyId: fid, scope, ...bearing, ...times };
}

/** By whom the token may be used: with which key, and for whom else. A confirmation that is not understood cannot be asked for, so the token is refused. */
export function parseBearing({ cnf, act }: Readonly<Record<string, unknown>>): Pick<TokenClaims, "jkt" | "actor"> | undefined {
  const jkt = isRecord(cnf) && Object.keys(cnf).length === 1 ? cnf["jkt"] : undefined;
  if (cnf !== undefined && !(typeof jkt === "string" && THUMBPRINT.test(jkt))) return undefined;
  const actor = act === undefined ? undefined : JSON.stringify(act);
  if (actor !== undefined && (!isRecord(act) || actor.length > MAX_ACTOR_CHARS)) return undefined;
  return { jkt: typeof jkt === "string" ? jkt : undefined, actor };
}

function isAudience(aud: unknown, resource: string): boolean {
  return aud === resource || (Array.isArray(aud) && aud.length === 1 && aud[0] === resource);
}

export function parseTimes(
  claims: Readonly<Record<string, unknown>>,
  now: number,
): Pick<TokenClaims, "issuedAt" | "expiresAt"> | undefined {
  const { iat, exp, nbf } = claims;
  if (!isInstant(iat) || !isInstant(exp)) return undefined;
  if (exp <= iat || exp - iat > MAX_TOKEN_LIFE_SECONDS) return undefined;
  if (nbf !== undefined && (!isInstant(nbf) || nbf * 1000 > now + LEEWAY_MS)) return undefined;
  if (iat * 1000 > now + LEEWAY_MS || isExpired(exp * 1000, now)) return undefined;
  return { issuedAt: iat * 1000, expiresAt: exp * 1000 };
}

/** Whether a token has expired and the leeway has passed too. Both are epoch milliseconds. */
export function isExpired(expiresAt: number, now: number): boolean {
  return now >= expiresAt + LEEWAY_MS;
}

/** A NumericDate (RFC 7519 §2) as issued here: whole seconds. */
function isInstant(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value < 2 ** 40;
}

export function isText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxChars;
}
