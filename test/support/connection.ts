/** How a client gets from registration to tokens for a person, over HTTP and through the pages. */
import assert from "node:assert/strict";
import type { Store } from "../../src/store/index.ts";
import type { Answer, Person, TestIssuer } from "./issuer.ts";
import { authorizeUrl, createPkce, decide, type Consent, type Pkce } from "./person.ts";

export const REDIRECT = "http://127.0.0.1:4711/callback";
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** A client that registers itself; public and on loopback unless the metadata says otherwise. */
export async function register(it: Pick<TestIssuer, "origin">, metadata: object = {}): Promise<string> {
  return String((await sendRegistration(it, metadata))["client_id"]);
}

export async function sendRegistration({ origin }: Pick<TestIssuer, "origin">, metadata: object): Promise<Record<string, unknown>> {
  const defaults = {
    client_name: "Test client",
    redirect_uris: ["http://127.0.0.1/callback"],
    grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
    token_endpoint_auth_method: "none",
  };
  const response = await fetch(`${origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...defaults, ...metadata }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  assert.equal(response.status, 201, JSON.stringify(body));
  return body;
}

export interface Wish {
  readonly clientId: string;
  readonly redirectUri?: string;
  /** Parameters of the authorization request beside the necessary ones. */
  readonly more?: Readonly<Record<string, string>>;
  readonly consent?: Consent;
}

/** Where a decision sent the browser, and what is needed to use the code in it. */
export interface Sent {
  readonly to: URL;
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly pkce: Pkce;
}

export async function askPerson(it: Pick<TestIssuer, "origin">, person: Pick<Person, "visitor">, wish: Wish): Promise<Sent> {
  const { clientId, redirectUri = REDIRECT, more = {}, consent } = wish;
  const pkce = createPkce();
  const url = authorizeUrl(it.origin, { clientId, redirectUri, challenge: pkce.challenge, more });
  const to = await decide(person.visitor, url, consent);
  return { to, code: to.searchParams.get("code") ?? "", clientId, redirectUri, pkce };
}

export interface Telling {
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function redeem(
  it: Pick<TestIssuer, "post">,
  { code, clientId, redirectUri, pkce }: Sent,
  { form = {}, headers = {} }: Telling = {},
): Promise<Answer> {
  const own = { grant_type: "authorization_code", client_id: clientId, code, redirect_uri: redirectUri, code_verifier: pkce.verifier };
  return it.post({ ...own, ...form }, headers);
}

export function refresh(
  it: Pick<TestIssuer, "post">,
  { clientId, refreshToken }: Pick<Tokens, "clientId" | "refreshToken">,
  telling: Telling = {},
): Promise<Answer> {
  const own = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken };
  return it.post({ ...own, ...telling.form }, telling.headers);
}

export interface Tokens {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly answer: Answer;
}

export function tokensOf(clientId: string, answer: Answer): Tokens {
  assert.equal(answer.status, 200, answer.text);
  const { access_token: accessToken, refresh_token: refreshToken } = answer.json;
  return { clientId, accessToken: String(accessToken), refreshToken: String(refreshToken), answer };
}

/** The whole way; the client registers itself unless the wish names one. */
export async function connect(it: TestIssuer, person: Person, wish: Partial<Wish> = {}): Promise<Tokens> {
  const clientId = wish.clientId ?? (await register(it));
  return tokensOf(clientId, await redeem(it, await askPerson(it, person, { ...wish, clientId })));
}

/** Makes each repository of the store answer some turns of the event loop later, before and after its work, each time a different number. */
export function delayStore(store: Store): void {
  let count = 0;
  const pass = async () => {
    for (let turns = (count = (count + 7) % 23); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  for (const name of ["clients", "grants", "refreshTokens", "devices", "oidcPayloads", "revocations"] as const) {
    const repository = store[name] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const [method, work] of Object.entries(repository)) {
      repository[method] = async (...args) => {
        await pass();
        const result = await work(...args);
        await pass();
        return result;
      };
    }
  }
}
