export { createClientStore } from "./clients.ts";
export { createGrantStore } from "./grants.ts";
export { createOidcPayloadStore } from "./oidc-payloads.ts";
export { createRevocationStore } from "./revocations.ts";
export { createSigningKeyStore } from "./signing-keys.ts";
