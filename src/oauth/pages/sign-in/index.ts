/** The ways to sign in and out. */
export { startExternal, finishExternal } from "./external.ts";
export { signInWithOwn } from "./own.ts";
export { showLink, useLink } from "./sign-in-link-page.ts";
export { parseCredential, passkeyOptions, showSignIn, signInWithPasskey, signInWithPassword, signOut } from "./sign-in-page.ts";
