/** People: their accounts, how they prove who they are, and the sessions of their browsers. */
export { EXTERNAL_SIGN_IN_PATH, type ExternallySignedIn, type ExternalSignIn, type OwnAccounts } from "./external/index.ts";
export { createPeople, type People } from "./people.ts";
export type { PeopleDeps, SignInRefusal } from "./people-deps.ts";
export type { DeriveKey } from "./password-hash.ts";
export type { Session, SignedIn, SignIn, SignInProblem } from "./sessions.ts";
