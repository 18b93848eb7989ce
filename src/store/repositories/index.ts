export { createClientStore } from "./clients.ts";
export { createDeviceStore } from "./devices.ts";
export { createGrantStore } from "./grants.ts";
export { createOidcPayloadStore } from "./oidc-payloads.ts";
export { createRefreshTokenStore } from "./refresh-tokens.ts";
export { createRevocationStore } from "./revocations.ts";
export { createSigningKeyStore } from "./signing-keys.ts";
