import { OAuthError } from "../../../oauth-error.ts";
import { checkResource } from "../check-resource.ts";
import { narrowToLimits, parseScopeParam, withinLimits } from "../effective-scopes.ts";
import { findEnterpriseAccount } from "./enterprise-account.ts";
import { openEnterpriseGrant } from "./enterprise-grant.ts";
import type { GrantDeps, TokenAnswer, TokenRequest } from "../grant-deps.ts";
import { acceptIdJag } from "./id-jag.ts";
import { issueAccessToken } from "../issue-tokens.ts";
import { readApproved } from "../start-family.ts";

/**
 * The grant `jwt-bearer` (RFC 7523 §2.1) for assertions of the configured identity provider: it decided that this client may act for that
 * person. No refresh token follows, as the provider is to be asked each time.
 */
export async function acceptAssertion(deps: GrantDeps, { client, params, jkt }: TokenRequest): Promise<TokenAnswer> {
  const { enterprise } = deps;
  if (enterprise === undefined) throw new OAuthError("unsupported_grant_type", "no identity provider is configured here");
  // Whoever has an assertion could call themselves by the name of a client that proves nothing.
  if (client.auth_method === "none") throw new OAuthError("unauthorized_client", "this grant is for clients that authenticate");
  const assertion = params["assertion"];
  if (assertion === undefined) throw new OAuthError("invalid_request", "send assertion");
  checkResource(deps, params["resource"]);
  const requested = parseScopeParam(params["scope"]);
  const asserted = await acceptIdJag(deps, enterprise, { assertion, clientId: client.id });
  const accountId = await findEnterpriseAccount(deps, asserted);
  const authority = await readApproved(deps, await openEnterpriseGrant(deps, { client, accountId, enterprise }), client);
  const limits = asserted.scope === undefined ? authority.limits : [asserted.scope, ...authority.limits];
  const [first = "", ...rest] = limits;
  const scope = requested === undefined ? narrowToLimits(deps, first, rest) : withinLimits(deps, requested, limits);
  if (scope === "") throw new OAuthError("invalid_scope", "none of the requested scopes may be granted to this client");
  return issueAccessToken(deps, { authority, scope, jkt });
}
