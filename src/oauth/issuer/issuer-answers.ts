import { OAuthError } from "../oauth-error.ts";
import type { EngineDeps, InternalGrant } from "./engine/index.ts";
import { GRANTS, introspectToken, revokeToken, startDevice, type GrantDeps, type TokenRequest } from "./grants/index.ts";

const INTERNAL: Readonly<Record<InternalGrant, (deps: GrantDeps, request: TokenRequest) => Promise<object>>> = {
  "urn:remit:introspection": introspectToken,
  "urn:remit:device_authorization": startDevice,
  async "urn:remit:revocation"(deps, request) {
    await revokeToken(deps, request);
    return {};
  },
};

/** What an authenticated client gets, by the grant it uses or the endpoint it asks. */
export function createIssuerAnswers(deps: GrantDeps): EngineDeps["answer"] {
  return async (grantType, request) => {
    if (Object.hasOwn(INTERNAL, grantType)) return INTERNAL[grantType as InternalGrant](deps, request);
    const grant = GRANTS.get(grantType);
    if (grant === undefined) throw new OAuthError("unsupported_grant_type", "there is no such grant here");
    return grant.handler(deps, request);
  };
}
