/** openid-client, a certified client with every check of its own on, over https. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as client from "openid-client";
import { createJudgedSite, PUBLIC_CLIENT, REDIRECT, WEB_REDIRECT, type JudgedSite } from "./judged-site.ts";

const OAUTH = { algorithm: "oauth2" } as const;

interface Walk {
  readonly redirectUri?: string;
  readonly options?: client.DPoPOptions;
  readonly isPushed?: boolean;
}

/** Authorization code with PKCE and state, through the person's decision. */
async function walk(site: JudgedSite, config: client.Configuration, { redirectUri = REDIRECT, options = {}, isPushed = true }: Walk = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const parameters = {
    redirect_uri: redirectUri,
    scope: "note:read",
    resource: site.resource.href,
    state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  };
  const url = isPushed
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, options)
    : client.buildAuthorizationUrl(config, { ...parameters, ...(await keyOf(options)) });
  const back = await site.decide(url);
  return { back, url, checks: { pkceCodeVerifier, expectedState } };
}

/** A request that is not pushed carries no proof; it names the key. */
async function keyOf({ DPoP }: client.DPoPOptions): Promise<Record<string, string>> {
  return DPoP === undefined ? {} : { dpop_jkt: await DPoP.calculateThumbprint() };
}

async function signIn(site: JudgedSite, config: client.Configuration, how: Walk = {}) {
  const { back, checks } = await walk(site, config, how);
  const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, how.options);
  assert.ok(tokens.refresh_token !== undefined);
  return { ...tokens, refresh_token: tokens.refresh_token };
}

async function codeOf(failing: Promise<unknown>): Promise<string> {
  const error: unknown = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof client.ClientError || error instanceof client.ResponseBodyError, String(error));
  return error instanceof client.ResponseBodyError ? error.error : String(error.code);
}

describe("openid-client", () => {
  let site: JudgedSite;
  let config: client.Configuration;
  const closing: (() => unknown)[] = [];
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });
  before(async () => {
    site = await createJudgedSite({ after: (close) => void closing.push(close as () => unknown) });
    config = await client.dynamicClientRegistration(site.issuer, PUBLIC_CLIENT, client.None(), OAUTH);
  });

  for (const algorithm of ["oauth2", "oidc"] as const) {
    test(`it discovers the issuer (${algorithm}), and every endpoint is below it`, async () => {
      const found = (await client.discovery(site.issuer, "cl_any", undefined, client.None(), { algorithm })).serverMetadata();
      assert.equal(found.issuer, site.issuer.origin);
      assert.equal(found.supportsPKCE(), true);
      assert.equal(found.authorization_response_iss_parameter_supported, true);
      const endpoints = Object.entries(found).filter(([name]) => /_(endpoint|uri)$/.test(name));
      assert.ok(endpoints.length >= 8);
      for (const [name, url] of endpoints) assert.equal(new URL(url as string).origin, site.issuer.origin, name);
    });
  }

  for (const isPushed of [true, false]) {
    test(`a client that registered itself signs a person in, ${isPushed ? "with" : "without"} a pushed request, and refreshes`, async () => {
      const first = await signIn(site, config, { isPushed });
      assert.deepEqual([first.token_type, first.scope, first.expires_in], ["bearer", "note:read", 900]);
      const next = await client.refreshTokenGrant(config, first.refresh_token, { resource: site.resource.href });
      assert.notEqual(next.refresh_token, first.refresh_token);
      const { method, body, headers } = site.call;
      const answer = await client.fetchProtectedResource(config, next.access_token, site.resource, method, body, headers);
      assert.equal(answer.status, 200, await answer.text());
    });
  }

  test("T23: it accepts our iss, and refuses an answer with another one or none (RFC 9207)", async () => {
    const { back, checks } = await walk(site, config);
    const mixed = new URL(back);
    mixed.searchParams.set("iss", "https://other.example");
    assert.equal(await codeOf(client.authorizationCodeGrant(config, mixed, checks)), "OAUTH_INVALID_RESPONSE");
    mixed.searchParams.delete("iss");
    assert.equal(await codeOf(client.authorizationCodeGrant(config, mixed, checks)), "OAUTH_INVALID_RESPONSE");
    assert.ok((await client.authorizationCodeGrant(config, back, checks)).access_token);
  });

  test("a refusal comes as access_denied, with state and iss that it accepts", async () => {
    const expectedState = client.randomState();
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    const back = await site.decide(url, { refuse: true });
    await assert.rejects(client.authorizationCodeGrant(config, back, { expectedState, pkceCodeVerifier }), (error: unknown) => {
      assert.ok(error instanceof client.AuthorizationResponseError);
      return error.error === "access_denied";
    });
  });

  test("a token that it introspects is active until it revokes it, and then it is not", async () => {
    const tokens = await signIn(site, config);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const known = await client.tokenIntrospection(config, token);
      assert.deepEqual([known.active, known.client_id, known.scope], [true, config.clientMetadata().client_id, "note:read"]);
    }
    await client.tokenRevocation(config, tokens.refresh_token);
    for (const token of [tokens.access_token, tokens.refresh_token])
      assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
    assert.equal(await codeOf(client.refreshTokenGrant(config, tokens.refresh_token)), "invalid_grant");
    await client.tokenRevocation(config, "unknown");
  });

  test("a client with a secret signs a person in, with each way to send the secret", async () => {
    for (const method of [client.ClientSecretBasic, client.ClientSecretPost]) {
      const { clientId, clientSecret } = await site.agent({ redirectUris: [WEB_REDIRECT] });
      const own = await client.discovery(site.issuer, clientId, undefined, method(clientSecret), OAUTH);
      const tokens = await signIn(site, own, { redirectUri: WEB_REDIRECT });
      assert.ok((await client.refreshTokenGrant(own, tokens.refresh_token)).access_token);
    }
  });

  test("an agent gets a token with client_secret_basic, client_secret_post and private_key_jwt", async () => {
    const { clientId, clientSecret } = await site.agent();
    const keys = await Promise.all(["ES256", "PS256", "Ed25519"].map((alg) => site.keyAgent(alg)));
    const agents: readonly (readonly [string, client.ClientAuth])[] = [
      [clientId, client.ClientSecretBasic(clientSecret)],
      [clientId, client.ClientSecretPost(clientSecret)],
      ...keys.map((key) => [key.clientId, client.PrivateKeyJwt({ key: key.privateKey, kid: key.kid })] as const),
    ];
    for (const [id, auth] of agents) {
      const own = await client.discovery(site.issuer, id, undefined, auth, OAUTH);
      const { access_token, scope } = await client.clientCredentialsGrant(own, { resource: site.resource.href, scope: "note:read" });
      assert.equal(scope, "note:read");
      const known = await client.tokenIntrospection(own, access_token);
      assert.deepEqual([known.active, known.sub, known.aud], [true, id, site.resource.href]);
      await client.tokenRevocation(own, access_token);
      assert.equal((await client.tokenIntrospection(own, access_token)).active, false);
    }
  });

  test("a wrong secret is answered with a challenge that it can read", async () => {
    const { clientId } = await site.agent();
    const own = await client.discovery(site.issuer, clientId, undefined, client.ClientSecretBasic("wrong"), OAUTH);
    await assert.rejects(client.clientCredentialsGrant(own), (error: unknown) => {
      assert.ok(error instanceof client.WWWAuthenticateChallengeError, String(error));
      return error.status === 401 && error.cause[0]?.scheme === "basic";
    });
  });

  test("a device that a person allows gets its tokens", async () => {
    const device = await client.initiateDeviceAuthorization(config, { scope: "note:read", resource: site.resource.href });
    await site.allowDevice(device.user_code);
    // The first poll after the decision need not wait for the interval, which is between polls.
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0 });
    assert.equal(tokens.scope, "note:read");
    assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token ?? "")).access_token);
  });

  for (const alg of ["ES256", "Ed25519", "PS256"]) {
    test(`DPoP with ${alg}: request, tokens and calls are bound to one key, and without it they are nothing`, async () => {
      const options = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg)) };
      const other = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg)) };
      const tokens = await signIn(site, config, { options });
      assert.equal(tokens.token_type, "dpop");
      assert.equal((await client.tokenIntrospection(config, tokens.access_token)).cnf?.jkt, await options.DPoP.calculateThumbprint());
      const { method, body, headers } = site.call;
      const call = (by?: client.DPoPOptions) =>
        client.fetchProtectedResource(config, tokens.access_token, site.resource, method, body, headers, by);
      assert.equal((await call(options)).status, 200);
      for (const stolen of [undefined, other]) await assert.rejects(call(stolen), client.WWWAuthenticateChallengeError);
      const refreshed = (by?: client.DPoPOptions) => client.refreshTokenGrant(config, tokens.refresh_token, undefined, by);
      for (const stolen of [undefined, other]) assert.equal(await codeOf(refreshed(stolen)), "invalid_grant");
      assert.equal((await refreshed(options)).token_type, "dpop");
    });
  }

  for (const isPushed of [true, false]) {
    test(`a request ${isPushed ? "pushed with a proof" : "with dpop_jkt"} gives a code that no other key redeems (RFC 9449 §10)`, async () => {
      const options = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair()) };
      const other = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair()) };
      for (const stolen of [undefined, other]) {
        const { back, checks } = await walk(site, config, { options, isPushed });
        assert.equal(await codeOf(client.authorizationCodeGrant(config, back, checks, undefined, stolen)), "invalid_grant");
      }
      assert.equal((await signIn(site, config, { options, isPushed })).token_type, "dpop");
    });
  }

  test("a pushed request is refused when its proof and its dpop_jkt are of two keys", async () => {
    const [options, other] = [client.getDPoPHandle(config, await client.randomDPoPKeyPair()), await client.randomDPoPKeyPair()];
    const dpop_jkt = await client.getDPoPHandle(config, other).calculateThumbprint();
    assert.equal(await codeOf(client.buildAuthorizationUrlWithPAR(config, { dpop_jkt }, { DPoP: options })), "invalid_request");
  });
});
