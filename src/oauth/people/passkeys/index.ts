/** Passkeys (WebAuthn): adding them, and signing in with them. */
export { createPasskeys, type Passkeys } from "./passkeys.ts";
