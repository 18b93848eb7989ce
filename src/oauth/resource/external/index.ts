/** Another authorization server in the place of our own: its tokens, found good by its keys or by asking it. */
export { createExternalVerifier } from "./external-verifier.ts";
