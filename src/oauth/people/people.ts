import type { AccountRow } from "../../store/index.ts";
import { createAccounts, type Membership, type NewAccount } from "./accounts.ts";
import { createExternalSignIn, createOwnSignIn, type ExternalSignIn, type OwnSignIn } from "./external/index.ts";
import { createPasskeys, type Passkeys } from "./passkeys/index.ts";
import { createPasswords, type PasswordAttempt } from "./passwords.ts";
import type { PeopleDeps } from "./people-deps.ts";
import { createSessions, type Session, type SignIn } from "./sessions.ts";
import { createSignInLinks } from "./sign-in-links.ts";

/** Problems are sentences for the person or the operator; those of a sign-in are the same for every cause. */
export interface People {
  /** The session that a Cookie header names. Undefined when it has ended or its account is disabled. */
  session(cookie: string | undefined): Promise<Session | undefined>;
  /** Also finds disabled accounts. */
  findAccount(id: string): Promise<AccountRow | undefined>;
  /** The workspaces that the account belongs to. */
  memberships(accountId: string): Promise<readonly Membership[]>;
  createAccount(account: NewAccount): Promise<{ readonly accountId: string } | { readonly problems: readonly string[] }>;
  listAccounts(): Promise<readonly AccountRow[]>;
  /** Ends its sessions and sign-in links too. False when it was disabled already or does not exist. */
  disableAccount(id: string): Promise<boolean>;
  /** It may sign in again; what had ended stays ended. False when it was not disabled or does not exist. Rejects when that cannot be put on record. */
  enableAccount(id: string): Promise<boolean>;
  /** Ends all sessions of the account but `kept`. What is wrong with the password, a sentence each; empty when it is set. */
  setPassword(accountId: string, password: string, kept?: Session): Promise<readonly string[]>;
  /** The secret part of a one-time link that signs in until `lifeSeconds` (default 900) are over. Undefined without such an account, or when it is disabled. */
  createSignInLink(accountId: string, lifeSeconds?: number): Promise<string | undefined>;
  /** Whose link it is; looking does not use it up. Undefined when it is used, expired or none. */
  findLinkAccount(secret: string): Promise<AccountRow | undefined>;
  signInWithPassword(attempt: PasswordAttempt): Promise<SignIn>;
  signInWithLink(secret: string, address: string | undefined): Promise<SignIn>;
  readonly passkeys: Passkeys;
  readonly external: ExternalSignIn | undefined;
  readonly own: OwnSignIn | undefined;
  /** The value of Set-Cookie that ends the session at the browser too. */
  signOut(session: Session): Promise<string>;
  /** Ends every session of the account. */
  signOutEverywhere(session: Session): Promise<string>;
  /** Deletes sessions and sign-in links that are over; returns how many. */
  sweep(): Promise<number>;
}

export function createPeople(deps: PeopleDeps): People {
  const sessions = createSessions(deps);
  const accounts = createAccounts(deps);
  const passwords = createPasswords(deps, sessions);
  const links = createSignInLinks(deps, sessions);
  const { external, own } = deps;
  return {
    session: (cookie) => sessions.find(cookie),
    findAccount: accounts.find,
    memberships: accounts.memberships,
    createAccount: accounts.create,
    listAccounts: accounts.list,
    disableAccount: accounts.disable,
    enableAccount: accounts.enable,
    setPassword: passwords.set,
    createSignInLink: links.create,
    findLinkAccount: links.findAccount,
    signInWithPassword: passwords.signIn,
    signInWithLink: links.signIn,
    passkeys: createPasskeys(deps, sessions),
    external: external === undefined ? undefined : createExternalSignIn({ ...deps, external }, sessions),
    own: own === undefined ? undefined : createOwnSignIn(deps, own, sessions),
    signOut: (session) => sessions.end(session),
    signOutEverywhere: (session) => sessions.endAll(session),
    sweep: async () => (await sessions.sweep()) + (await links.sweep()),
  };
}
