/** The authorization server: an engine behind a front of ours, which decides what reaches it and what it may grant. */
export type { NewAgent } from "./clients/index.ts";
export { createIssuer, type Issuer, type IssuerOptions } from "./issuer.ts";
export {
  AUTHORIZATION_PATH,
  DEVICE_AUTHORIZATION_PATH,
  INTROSPECTION_PATH,
  JWKS_PATH,
  PAR_PATH,
  REGISTRATION_PATH,
  REVOCATION_PATH,
  TOKEN_PATH,
} from "./issuer-metadata.ts";
