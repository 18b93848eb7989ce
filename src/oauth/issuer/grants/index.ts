/** How tokens are issued, renewed, narrowed, revoked and described: one kernel for all grants. The client has been authenticated before. */
import { exchangeAuthorizationCode } from "./authorization-code.ts";
import { grantClientCredentials } from "./client-credentials.ts";
import { redeemDeviceCode } from "./device/index.ts";
import type { GrantHandler } from "./grant-deps.ts";
import { acceptAssertion } from "./enterprise/index.ts";
import { refreshTokens } from "./refresh-token.ts";
import { exchangeToken } from "./token-exchange.ts";

export type { CodeUse, GrantDeps, GrantHandler, TokenAnswer, TokenRequest, UsedCode } from "./grant-deps.ts";
export { startDevice, type DeviceAuthorization } from "./device/index.ts";
export { signStatement, signUpstreamToken } from "./issue-tokens.ts";
export { grantClientCredentials } from "./client-credentials.ts";
export { introspectToken } from "./introspect-token.ts";
export { issueTrialToken, type Trial, type TrialOrder } from "./trial-token.ts";
export { revokeToken } from "./revoke-token.ts";

export interface Grant {
  readonly handler: GrantHandler;
  /** The parameters of its token request. */
  readonly params: readonly string[];
}

/** By `grant_type`. */
export const GRANTS: ReadonlyMap<string, Grant> = new Map<string, Grant>([
  ["authorization_code", { handler: exchangeAuthorizationCode, params: ["code", "redirect_uri", "code_verifier", "resource"] }],
  ["refresh_token", { handler: refreshTokens, params: ["refresh_token", "scope", "resource"] }],
  ["client_credentials", { handler: grantClientCredentials, params: ["scope", "resource"] }],
  ["urn:ietf:params:oauth:grant-type:device_code", { handler: redeemDeviceCode, params: ["device_code", "resource"] }],
  [
    "urn:ietf:params:oauth:grant-type:token-exchange",
    {
      handler: exchangeToken,
      params: [
        "subject_token",
        "subject_token_type",
        "actor_token",
        "actor_token_type",
        "requested_token_type",
        "audience",
        "resource",
        "scope",
      ],
    },
  ],
  ["urn:ietf:params:oauth:grant-type:jwt-bearer", { handler: acceptAssertion, params: ["assertion", "scope", "resource"] }],
]);
