import { OAuthError } from "../../oauth-error.ts";
import { endOnRecord } from "./end-on-record.ts";
import type { GrantDeps, TokenRequest } from "./grant-deps.ts";
import { findRefreshToken } from "./refresh-token-row.ts";

/**
 * Revokes a token of the client (RFC 7009): an access token, or a refresh token with all that follows from the same authorization. A token
 * that is unknown, not valid any more or another client's is left alone, and the answer is the same.
 */
export async function revokeToken(deps: GrantDeps, { client, params }: TokenRequest): Promise<void> {
  const value = params["token"];
  if (value === undefined) throw new OAuthError("invalid_request", "send token");
  const row = await findRefreshToken(deps, value);
  if (row !== undefined) {
    if (row.client_id !== client.id) return;
    const revoked = { clientId: client.id, grantId: row.grant_id, kind: "family" as const, value: row.family_id };
    return endOnRecord(deps, { kind: "family", value: row.family_id, event: { event: "token_revoked", ...revoked } });
  }
  const token = await deps.verifyAccessToken(value);
  if (token === undefined || token.clientId !== client.id) return;
  const revoked = { clientId: client.id, grantId: token.grantId, kind: "token" as const, value: token.tokenId };
  return endOnRecord(deps, { kind: "token", value: token.tokenId, event: { event: "token_revoked", ...revoked } });
}
