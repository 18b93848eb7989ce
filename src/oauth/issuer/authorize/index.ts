/** Authorization requests and the people who decide about them. */
export { mendAuthorizationRequest, type RequestRules } from "./authorization-request.ts";
export {
  createAuthorizations,
  engineCookies,
  type Authorizations,
  type AuthorizationsDeps,
  type ConsentChoice,
  type Decided,
  type Decider,
  type PendingAuthorization,
} from "./authorizations.ts";
export type { Connection } from "./connections.ts";
export type { ConsentScope, ConsentView, ConsentWorkspace } from "./consent-view.ts";
