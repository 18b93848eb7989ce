import type { RefreshTokenRow } from "../../../store/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import type { VerifiedToken } from "../../resource/index.ts";
import { narrowToLimits, readAuthority } from "./effective-scopes.ts";
import type { GrantDeps, TokenRequest } from "./grant-deps.ts";
import { findRefreshToken } from "./refresh-token-row.ts";

const INACTIVE = { active: false };

/**
 * What a token holds now (RFC 7662 §2.2), told to the client that it was issued to and to clients that an operator lets introspect. Everyone
 * else, and everyone about a token that is not good, learns only that it is not active.
 */
export async function introspectToken(deps: GrantDeps, { client, params }: TokenRequest): Promise<object> {
  const value = params["token"];
  if (value === undefined) throw new OAuthError("invalid_request", "send token");
  const mayKnow = (owner: string): boolean => owner === client.id || client.may_introspect === 1;
  const row = await findRefreshToken(deps, value);
  if (row !== undefined) return mayKnow(row.client_id) ? describeRefreshToken(deps, row) : INACTIVE;
  const token = await deps.verifyAccessToken(value);
  return token !== undefined && mayKnow(token.clientId) ? describeAccessToken(deps, token) : INACTIVE;
}

function describeAccessToken({ issuer, resource }: GrantDeps, token: VerifiedToken): object {
  const { clientId, subject, scopes, tokenId, issuedAt, expiresAt, jkt, actor } = token;
  return {
    active: true,
    token_type: jkt === undefined ? "Bearer" : "DPoP",
    iss: issuer,
    aud: resource,
    sub: subject,
    client_id: clientId,
    scope: scopes.granted.join(" "),
    jti: tokenId,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    ...(jkt === undefined ? {} : { cnf: { jkt } }),
    ...(actor === undefined ? {} : { act: JSON.parse(actor) as unknown }),
  };
}

async function describeRefreshToken(deps: GrantDeps, row: RefreshTokenRow): Promise<object> {
  const now = deps.now();
  if (row.used_at !== null || row.expires_at <= now || row.family_expires_at <= now) return INACTIVE;
  const authority = await readAuthority(deps, row.grant_id);
  if (typeof authority === "string") return INACTIVE;
  return {
    active: true,
    iss: deps.issuer,
    sub: authority.grant.subject,
    client_id: row.client_id,
    scope: narrowToLimits(deps, row.scopes, authority.limits),
    iat: Math.floor(row.created_at / 1000),
    exp: Math.floor(row.expires_at / 1000),
    ...(row.jkt === null ? {} : { cnf: { jkt: row.jkt } }),
  };
}
