import { OAuthError } from "../../oauth-error.ts";
import { checkResource } from "./check-resource.ts";
import { narrowToLimits, parseScopeParam, readAuthority, withinLimits, type Authority } from "./effective-scopes.ts";
import type { GrantDeps, TokenAnswer, TokenRequest } from "./grant-deps.ts";
import { issueAccessToken } from "./issue-tokens.ts";

/**
 * The grant `client_credentials` (RFC 6749 §4.4, RFC 8707 §2.2): a token for the one resource, with those of the requested scopes that
 * the client's policy holds, or the whole policy when none are requested. The policy is read anew each time.
 */
export async function grantClientCredentials(deps: GrantDeps, { client, params, jkt }: TokenRequest): Promise<TokenAnswer> {
  checkResource(deps, params["resource"]);
  const requested = parseScopeParam(params["scope"]);
  const authority = await readStanding(deps, client.grant_id);
  const [policy = "", ...rest] = authority.limits;
  const scope = requested === undefined ? narrowToLimits(deps, policy, rest) : withinLimits(deps, requested, authority.limits);
  if (scope === "") throw new OAuthError("invalid_scope", "none of the requested scopes may be granted to this client");
  return issueAccessToken(deps, { authority, scope, jkt });
}

/** The standing grant of an agent. Only an operator makes clients that have one. */
async function readStanding(deps: GrantDeps, grantId: string | null): Promise<Authority> {
  if (grantId === null) throw new OAuthError("unauthorized_client", "only clients that an operator made may use this grant");
  const authority = await readAuthority(deps, grantId);
  if (authority === "client") throw new OAuthError("invalid_client", "client authentication failed", 401);
  if (typeof authority === "string" || authority.grant.kind !== "standing")
    throw new OAuthError("unauthorized_client", "the grant of this client was revoked or has expired");
  return authority;
}
