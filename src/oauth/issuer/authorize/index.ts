/** Authorization requests and the people who decide about them. */
export { mendAuthorizationRequest } from "./authorization-request.ts";
export { createAuthorizations, engineCookies, type Authorizations } from "./authorizations.ts";
