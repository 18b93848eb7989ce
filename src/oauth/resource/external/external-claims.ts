import type { ExternalIssuer } from "../../../config.ts";
import { isText, MAX_ID_CHARS, MAX_SCOPE_CHARS, parseBearing, parseTimes, type TokenClaims } from "../token-claims.ts";

/** The claims of a token of another issuer, and the workspace that it may name. */
export interface ExternalClaims extends TokenClaims {
  readonly workspace: string | undefined;
}

export interface ExternalExpected {
  readonly external: Pick<ExternalIssuer, "issuer" | "scopeClaim" | "clientClaim">;
  /** The one that must be among those of the token. */
  readonly audience: string;
  readonly now: number;
  /** Stands for the id of a token that has none. */
  readonly digest: string;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * The claims, when the token is by this issuer, for this audience, and valid now. Issuer and audience are compared byte for byte; other
 * audiences may stand beside ours, as other servers write them.
 */
export function parseExternalClaims(claims: Claims, expected: ExternalExpected): ExternalClaims | undefined {
  const { iss, aud, sub, jti = expected.digest, workspace } = claims;
  const { issuer, scopeClaim, clientClaim } = expected.external;
  if (iss !== issuer || !isAmong(aud, expected.audience)) return undefined;
  const times = parseTimes(claims, expected.now);
  const bearing = parseBearing(claims);
  const scope = parseScope(claimOf(claims, scopeClaim));
  const client = claimOf(claims, clientClaim);
  if (times === undefined || bearing === undefined || scope === undefined) return undefined;
  if (!isText(sub, MAX_ID_CHARS) || !isText(jti, MAX_ID_CHARS) || !isText(client, MAX_ID_CHARS)) return undefined;
  if (workspace !== undefined && !isText(workspace, MAX_ID_CHARS)) return undefined;
  return {
    tokenId: jti,
    clientId: client,
    subject: sub,
    grantId: `ext:${client}`,
    familyId: undefined,
    scope,
    workspace,
    ...bearing,
    ...times,
  };
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function isAmong(aud: unknown, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.every((each) => typeof each === "string") && aud.includes(audience));
}

/** A text with spaces (RFC 8693 §4.2) or a list, as some servers write it; a token that names no scopes has none. */
function parseScope(value: unknown): string | undefined {
  if (value === undefined) return "";
  const isList = Array.isArray(value) && value.every((each) => typeof each === "string");
  const scope: unknown = isList ? value.join(" ") : value;
  return typeof scope === "string" && scope.length <= MAX_SCOPE_CHARS ? scope : undefined;
}
