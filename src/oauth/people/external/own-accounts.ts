import type { IncomingHttpHeaders } from "node:http";
import type { PeopleDeps } from "../people-deps.ts";
import type { Sessions, SignIn } from "../sessions.ts";
import { findIdentityAccount } from "./identities.ts";

/** Accounts of the application in which this server is mounted: whoever is signed in there signs in here with a click. */
export interface OwnAccounts {
  /** For people: the button says "Sign in with NAME". */
  readonly name: string;
  /** URL of the page where people sign in there. It is given `return_to`, the URL of ours to which it shall send them back. */
  readonly signInUrl: string;
  /**
   * Who sent a request with these headers, as the cookies of the application say; undefined for nobody. `id` stays the same for a person and is
   * never given to another; `email` must be verified. It may make an account for them with `operator.createPerson`.
   */
  identify(request: { readonly headers: IncomingHttpHeaders }): OwnAccount | undefined | Promise<OwnAccount | undefined>;
}

interface OwnAccount {
  readonly id: string;
  readonly email: string;
}

export interface OwnSignIn {
  readonly name: string;
  /** Undefined when nobody is signed in at the application. */
  signIn(headers: IncomingHttpHeaders, address: string | undefined): Promise<SignIn | undefined>;
  /** Where to send who is not, and to come back to `path`. */
  elsewhere(path: string): string;
}

/** Not a URL that a provider could have: identities of the application are of no other issuer. */
const ISSUER = "own-accounts";
const UNKNOWN = { problem: "You are signed in there, but have no account here. Ask an operator of this server for one." };

export function createOwnSignIn(deps: PeopleDeps, own: OwnAccounts, sessions: Sessions): OwnSignIn {
  return {
    name: own.name,
    async signIn(headers, address) {
      const known = await own.identify({ headers });
      if (known === undefined) return undefined;
      const identity = { issuer: ISSUER, subject: known.id, verifiedEmail: async () => known.email };
      const accountId = await findIdentityAccount(deps, identity);
      const signedIn =
        accountId === undefined ? undefined : await sessions.start({ accountId, method: "external", state: "full", address });
      if (signedIn === undefined) deps.onSignInRefused?.({ method: "external", address });
      return signedIn ?? UNKNOWN;
    },
    elsewhere(path) {
      const url = new URL(own.signInUrl, deps.url);
      url.searchParams.set("return_to", deps.url + path);
      return url.href;
    },
  };
}
