import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { generateKeyPair } from "jose";
import { createGuardedFetch } from "../../../src/lib/guarded-fetch.ts";
import type { ExternallySignedIn, ExternalSignIn, SignInProblem } from "../../../src/oauth/people/index.ts";
import { CLIENT, startProvider, type OtherProvider } from "./support/other-provider.ts";
import { accepted, ADDRESS, cookieOf, ORIGIN, startPeople, type TestPeople } from "./support/people.ts";

const EMAIL = "ada@acme.example";
const ADA = { sub: "ada-at-idp", email: "Ada@ACME.example", email_verified: true };
const REFUSED = { problem: "Signing in at the other provider did not work, or it knows nobody who has an account here. Start again." };

interface Parties extends TestPeople {
  readonly provider: OtherProvider;
  readonly external: ExternalSignIn;
  /** The whole way: off to the provider and back. */
  signInThere(): Promise<ExternallySignedIn | SignInProblem>;
}

async function start(t: TestContext): Promise<Parties> {
  const provider = await startProvider(t);
  const fetch = createGuardedFetch({ allowedHosts: [provider.host] });
  const as = await startPeople(t, { external: { issuer: provider.issuer, ...CLIENT }, fetch });
  const { external } = as.people;
  assert.ok(external);
  return {
    ...as,
    provider,
    external,
    async signInThere() {
      const { location, cookie } = await external.start("/device?user_code=ABCD");
      return external.finish(await provider.visit(location), cookieOf(cookie), ADDRESS);
    },
  };
}

describe("sign-in at an OpenID Connect provider", () => {
  test("the request has PKCE, state and nonce, and its secrets are sealed in a cookie of this browser", async (t) => {
    const { external, provider } = await start(t);
    assert.equal(external.name, provider.host);
    const { location, cookie } = await external.start("/account");
    const { origin, pathname, searchParams } = new URL(location);
    assert.equal(origin + pathname, `${provider.issuer}/auth`);
    const { state = "", nonce = "", code_challenge: challenge = "", ...rest } = Object.fromEntries(searchParams);
    for (const value of [state, nonce, challenge]) assert.match(value, /^[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(rest, {
      client_id: CLIENT.clientId,
      redirect_uri: `${ORIGIN}/sign-in/external`,
      response_type: "code",
      scope: "openid email",
      code_challenge_method: "S256",
    });
    assert.match(cookie, /^__Host-remit_external=[A-Za-z0-9_-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const text = Buffer.from(cookieOf(cookie).split("=")[1] ?? "", "base64url").toString("latin1");
    assert.ok(!text.includes(state) && !text.includes("verifier"));
  });

  test("the account with the verified address is found, linked on record, and found by its subject from then on", async (t) => {
    const { provider, signInThere, account, store, events, now } = await start(t);
    const accountId = await account(EMAIL);
    provider.person = ADA;
    const first = accepted(await signInThere());
    assert.deepEqual([first.session.accountId, first.session.state, first.returnTo], [accountId, "full", "/device?user_code=ABCD"]);
    const identity = { issuer: provider.issuer, subject: ADA.sub, account_id: accountId, created_at: now() };
    assert.deepEqual(await store.db.selectFrom("identity").selectAll().execute(), [identity]);
    const signedIn = { event: "signed_in", accountId, method: "external", state: "full", address: ADDRESS };
    assert.deepEqual(events.slice(1), [{ event: "identity_linked", accountId, issuer: provider.issuer }, signedIn]);

    provider.person = { ...ADA, email: "new-name@acme.example", email_verified: false };
    assert.equal(accepted(await signInThere()).session.accountId, accountId);
    assert.deepEqual(events.slice(3), [signedIn]);
  });

  const STRANGERS: readonly (readonly [string, OtherProvider["person"]])[] = [
    ["whose address is not verified", { ...ADA, email_verified: false }],
    ["whose address is verified in words only", { ...ADA, email_verified: "true" as unknown as boolean }],
    ["who has no account", { ...ADA, email: "eve@acme.example" }],
    ["who refuses there", undefined],
  ];
  for (const [title, person] of STRANGERS) {
    test(`somebody ${title} is not signed in`, async (t) => {
      const { provider, signInThere, account, store, refusals } = await start(t);
      await account(EMAIL);
      provider.person = person;
      assert.deepEqual(await signInThere(), REFUSED);
      assert.deepEqual(refusals, [{ method: "external", address: ADDRESS }]);
      assert.deepEqual(await store.db.selectFrom("identity").selectAll().execute(), []);
    });
  }

  test("an address that the provider gave to somebody else does not lead to the account of the one who had it", async (t) => {
    const { provider, signInThere, account } = await start(t);
    await account(EMAIL);
    provider.person = ADA;
    accepted(await signInThere());
    provider.person = { ...ADA, sub: "successor-at-idp" };
    assert.deepEqual(await signInThere(), REFUSED);
  });

  test("a disabled account is not signed in, linked or not", async (t) => {
    const { provider, signInThere, account, people } = await start(t);
    const accountId = await account(EMAIL);
    provider.person = ADA;
    accepted(await signInThere());
    await people.disableAccount(accountId);
    assert.deepEqual(await signInThere(), REFUSED);
  });

  const RETURNS: readonly (readonly [string, (url: URL, cookie: string, other: string) => readonly [URL, string | undefined]])[] = [
    ["at a browser that did not start it", (url) => [url, undefined]],
    ["at a browser that started another one", (url, _cookie, other) => [url, other]],
    ["with a cookie that was changed", (url, cookie) => [url, cookie.slice(0, -3)]],
    ["with another state", (url, cookie) => [changed(url, "state", "x"), cookie]],
    ["without a state", (url, cookie) => [changed(url, "state"), cookie]],
    ["without a code", (url, cookie) => [changed(url, "code"), cookie]],
    ["with another code", (url, cookie) => [changed(url, "code", "x"), cookie]],
    ["in the name of another issuer", (url, cookie) => [changed(url, "iss", "https://evil.example"), cookie]],
    ["without the issuer's name", (url, cookie) => [changed(url, "iss"), cookie]],
  ];
  for (const [title, change] of RETURNS) {
    test(`a return ${title} signs nobody in`, async (t) => {
      const { provider, external, account } = await start(t);
      await account(EMAIL);
      provider.person = ADA;
      const { location, cookie } = await external.start("/account");
      const other = await external.start("/account");
      const url = await provider.visit(location);
      assert.deepEqual(await external.finish(...change(url, cookieOf(cookie), cookieOf(other.cookie))), REFUSED);
    });
  }

  test("a return is good once, also for twenty at the same time, and not after ten minutes", async (t) => {
    const { provider, external, account, advance } = await start(t);
    await account(EMAIL);
    provider.person = ADA;
    const { location, cookie } = await external.start("/account");
    const url = await provider.visit(location);
    const results = await Promise.all(Array.from({ length: 20 }, () => external.finish(url, cookieOf(cookie))));
    assert.equal(results.filter((result) => "session" in result).length, 1);
    assert.equal(provider.asked.get("/token"), 1);
    const late = await external.start("/account");
    const lateUrl = await provider.visit(late.location);
    advance(600_000);
    assert.deepEqual(await external.finish(lateUrl, cookieOf(late.cookie)), REFUSED);
  });

  const TOKENS: readonly (readonly [string, Readonly<Record<string, unknown>>, boolean])[] = [
    ["with another nonce", { nonce: "x" }, false],
    ["without a nonce", { nonce: undefined }, false],
    ["for another client", { aud: "somebody-else" }, false],
    ["of another issuer", { iss: "https://evil.example" }, false],
    ["that expired", { exp: 1000 }, false],
    ["that anybody signed", {}, true],
  ];
  for (const [title, change, isForged] of TOKENS) {
    test(`an ID token ${title} signs nobody in, and the log has nothing of it`, async (t) => {
      const { provider, external, account, logLines } = await start(t);
      await account(EMAIL);
      provider.person = ADA;
      const answer = async (claims: Readonly<Record<string, unknown>>, forged: boolean) => {
        const { location, cookie } = await external.start("/account");
        const url = await provider.visit(location);
        const seconds = Math.floor(Date.now() / 1000);
        const nonce = new URL(location).searchParams.get("nonce");
        const good = { ...ADA, iss: provider.issuer, aud: CLIENT.clientId, iat: seconds, exp: seconds + 60, nonce };
        const key = forged ? (await generateKeyPair("RS256")).privateKey : undefined;
        const idToken = await provider.idToken({ ...good, ...claims }, key);
        provider.answers.set("/token", { access_token: "at", token_type: "Bearer", id_token: idToken });
        return { result: await external.finish(url, cookieOf(cookie)), idToken };
      };
      const { result, idToken } = await answer(change, isForged);
      assert.deepEqual(result, REFUSED);
      assert.ok(logLines.length > 0 && !logLines.join().includes(idToken.slice(-40)));
      accepted((await answer({}, false)).result);
    });
  }

  test("metadata of another issuer is refused, and fetched again when it is right", async (t) => {
    const { provider, external } = await start(t);
    const path = "/.well-known/openid-configuration";
    provider.answers.set(path, { issuer: "https://evil.example", authorization_endpoint: "https://evil.example/auth" });
    await assert.rejects(external.start("/account"));
    provider.answers.delete(path);
    await external.start("/account");
    await external.start("/account");
    assert.equal(provider.asked.get(path), 2);
  });

  test("a provider that is not on the public internet and that nobody allowed is not contacted", async (t) => {
    const provider = await startProvider(t);
    const { people } = await startPeople(t, { external: { issuer: provider.issuer, ...CLIENT }, fetch: createGuardedFetch() });
    await assert.rejects(people.external?.start("/account") ?? Promise.resolve());
    assert.equal(provider.asked.size, 0);
  });

  test("without a provider in the settings there is no such sign-in", async (t) => {
    assert.equal((await startPeople(t)).people.external, undefined);
  });
});

function changed(url: URL, name: string, value?: string): URL {
  const copy = new URL(url);
  if (value === undefined) copy.searchParams.delete(name);
  else copy.searchParams.set(name, value);
  return copy;
}
