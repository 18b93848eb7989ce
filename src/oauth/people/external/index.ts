/** Sign-in at an OpenID Connect provider that the operator chose. */
export { createExternalSignIn, EXTERNAL_SIGN_IN_PATH, type ExternallySignedIn, type ExternalSignIn } from "./external-sign-in.ts";
