/** Keys and secrets: those that sign access tokens, and those by which clients are known. */
export { checkClientKeys } from "./client-keys.ts";
export { createSecretHasher, type SecretHasher } from "./client-secrets.ts";
export { joinNumbers } from "./ecdsa-numbers.ts";
export { createKeyRing, type ActiveKey, type KeyRing } from "./key-ring.ts";
