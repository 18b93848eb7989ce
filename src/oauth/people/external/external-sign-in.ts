import * as z from "zod";
import { createSecret, deriveKey, seal, sha256Hex, unseal } from "../../../lib/secret.ts";
import { createProviderClient, type ProviderClient, type ProviderIdentity } from "./external-provider.ts";
import { findIdentityAccount } from "./identities.ts";
import type { ExternalProvider, PeopleDeps } from "../people-deps.ts";
import { type Cookie, defineCookie, type Sessions, type SignedIn, type SignInProblem } from "../sessions.ts";

/** Where the provider sends the browser back to. */
export const EXTERNAL_SIGN_IN_PATH = "/sign-in/external";

const LIFE_SECONDS = 600;
const MODEL = "ExternalSignIn";
const CONTEXT = "external sign-in";

export type ExternallySignedIn = SignedIn & { readonly returnTo: string };

export interface ExternalSignIn {
  /** The provider's host, for people. */
  readonly name: string;
  /** Where to send the browser, and the Set-Cookie that ties what comes back to it. Rejects when the provider cannot be reached. */
  start(returnTo: string): Promise<{ readonly location: string; readonly cookie: string }>;
  /** `url` is the address that the provider sent the browser to; `cookie` is the Cookie header. */
  finish(url: URL, cookie: string | undefined, address?: string): Promise<ExternallySignedIn | SignInProblem>;
}

const PROBLEM = "Signing in at the other provider did not work, or it knows nobody who has an account here. Start again.";

/** What the browser keeps, sealed, while its person is at the provider. */
const ERRAND = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string(), expiresAt: z.number() });
type Errand = z.infer<typeof ERRAND>;

interface Desk {
  readonly deps: PeopleDeps & { readonly external: ExternalProvider };
  readonly sessions: Sessions;
  readonly provider: ProviderClient;
  readonly cookie: Cookie;
  readonly key: Uint8Array;
}

export function createExternalSignIn(deps: PeopleDeps & { readonly external: ExternalProvider }, sessions: Sessions): ExternalSignIn {
  const desk: Desk = {
    deps,
    sessions,
    provider: createProviderClient({ ...deps, provider: deps.external, redirectUri: deps.url + EXTERNAL_SIGN_IN_PATH }),
    cookie: defineCookie(deps.url, "remit_external"),
    key: deriveKey(deps.masterKey, "external-sign-in"),
  };
  return {
    name: new URL(deps.external.issuer).host,
    start: (returnTo) => start(desk, returnTo),
    async finish(url, cookie, address) {
      const result = await finish(desk, { url, cookie, address });
      if (result !== undefined) return result;
      deps.onSignInRefused?.({ method: "external", address });
      return { problem: PROBLEM };
    },
  };
}

async function start(
  { deps, provider, cookie, key }: Desk,
  returnTo: string,
): Promise<{ readonly location: string; readonly cookie: string }> {
  const secrets = { state: createSecret(), nonce: createSecret(), verifier: createSecret() };
  const errand: Errand = { ...secrets, returnTo, expiresAt: deps.now() + LIFE_SECONDS * 1000 };
  const location = await provider.authorizationUrl(secrets);
  return { location, cookie: cookie.set(seal(key, JSON.stringify(errand), CONTEXT), LIFE_SECONDS) };
}

interface Return {
  readonly url: URL;
  readonly cookie: string | undefined;
  readonly address: string | undefined;
}

async function finish(desk: Desk, { url, cookie, address }: Return): Promise<ExternallySignedIn | undefined> {
  const { deps, sessions, provider } = desk;
  const errand = readErrand(desk, desk.cookie.read(cookie));
  if (errand === undefined || errand.expiresAt <= deps.now() || url.searchParams.get("state") !== errand.state) return undefined;
  if (!(await useState(deps, errand))) return undefined;
  const identity = await provider.redeem(url.search, errand).catch((error: unknown) => {
    deps.log.warn({ reason: codeOf(error) }, "a sign-in at the external provider did not work");
    return undefined;
  });
  const accountId = identity === undefined ? undefined : await accountOf(deps, identity);
  const signedIn = accountId === undefined ? undefined : await sessions.start({ accountId, method: "external", state: "full", address });
  return signedIn === undefined ? undefined : { ...signedIn, returnTo: errand.returnTo };
}

function readErrand({ key }: Desk, sealed: string | undefined): Errand | undefined {
  if (sealed === undefined) return undefined;
  try {
    return ERRAND.safeParse(JSON.parse(unseal(key, sealed, CONTEXT))).data;
  } catch {
    return undefined;
  }
}

/** True for exactly one of any number of returns with the same state. */
function useState({ store, now }: PeopleDeps, { state, expiresAt }: Errand): Promise<boolean> {
  const row = { model: MODEL, id_hash: sha256Hex(state), payload: "{}", grant_id: null, uid: null, user_code: null, consumed_at: null };
  return store.oidcPayloads.insertIfAbsent({ ...row, expires_at: expiresAt }, now());
}

async function accountOf(deps: Desk["deps"], identity: ProviderIdentity): Promise<string | undefined> {
  return findIdentityAccount(deps, { ...identity, issuer: deps.external.issuer });
}

/** The error's code, and nothing that the provider wrote. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
