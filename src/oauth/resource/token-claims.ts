import { LEEWAY_SECONDS, MAX_TOKEN_LIFE_SECONDS } from "../token-rules.ts";

/** The claims of an access token that the server relies on. Instants are epoch milliseconds. */
export interface TokenClaims {
  readonly tokenId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly grantId: string;
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

const MAX_ID_CHARS = 256;
const MAX_SCOPE_CHARS = 4096;
const LEEWAY_MS = LEEWAY_SECONDS * 1000;

/**
 * The claims, when the token was issued by this issuer for this resource and is valid now (RFC 9068 §4). `iss` and the audience are
 * compared byte for byte: a trailing slash, another case or a longer path is another resource. `aud` may be that one string, or an
 * array with only it.
 */
export function parseClaims(claims: Readonly<Record<string, unknown>>, expected: Expected): TokenClaims | undefined {
  const { iss, aud, jti, client_id, sub, gid, scope } = claims;
  if (iss !== expected.issuer || !isAudience(aud, expected.resource)) return undefined;
  const times = parseTimes(claims, expected.now);
  if (times === undefined) return undefined;
  if (!isText(jti, MAX_ID_CHARS) || !isText(client_id, MAX_ID_CHARS) || !isText(sub, MAX_ID_CHARS)) return undefined;
  if (!isText(gid, MAX_ID_CHARS) || !isText(scope, MAX_SCOPE_CHARS)) return undefined;
  return { tokenId: jti, clientId: client_id, subject: sub, grantId: gid, scope, ...times };
}

function isAudience(aud: unknown, resource: string): boolean {
  return aud === resource || (Array.isArray(aud) && aud.length === 1 && aud[0] === resource);
}

function parseTimes(claims: Readonly<Record<string, unknown>>, now: number): Pick<TokenClaims, "issuedAt" | "expiresAt"> | undefined {
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

function isText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxChars;
}
