/** Sign-in at an OpenID Connect provider that the operator chose, or at the application in which this server is mounted. */
export { createOwnSignIn, type OwnAccounts, type OwnSignIn } from "./own-accounts.ts";
export { createExternalSignIn, EXTERNAL_SIGN_IN_PATH, type ExternallySignedIn, type ExternalSignIn } from "./external-sign-in.ts";
