/** The authorization server: an engine behind a front of ours, which decides what reaches it and what it may grant. */
export type { NewAgent } from "./agents.ts";
export type { EventSink, IssuerEvent, RefusalSink, TokenRefusal } from "./events.ts";
export { createIssuer, type Issuer, type IssuerOptions } from "./issuer.ts";
export { AUTHORIZATION_PATH, JWKS_PATH, TOKEN_PATH } from "./issuer-metadata.ts";
