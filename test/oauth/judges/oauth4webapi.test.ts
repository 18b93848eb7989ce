/** oauth4webapi, whose functions validate each answer by itself, over https. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import { createJudgedSite, DEVICE_CODE, PUBLIC_CLIENT, REDIRECT, WEB_REDIRECT, type JudgedSite } from "./judged-site.ts";

let site: JudgedSite;
let as: oauth.AuthorizationServer;
const closing: (() => unknown)[] = [];
before(async () => {
  site = await createJudgedSite({ after: (close) => void closing.push(close as () => unknown) });
  const found = await oauth.discoveryRequest(site.issuer, { algorithm: "oauth2" });
  as = await oauth.processDiscoveryResponse(site.issuer, found);
});
after(async () => {
  for (const close of closing.toReversed()) await close();
});

/** A client with its way to authenticate. */
interface Judge {
  readonly client: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly redirectUri: string;
}

async function registered(): Promise<Judge> {
  const response = await oauth.dynamicClientRegistrationRequest(as, PUBLIC_CLIENT);
  const client = await oauth.processDynamicClientRegistrationResponse(response);
  return { client, auth: oauth.None(), redirectUri: REDIRECT };
}

async function confidential(method: (secret: string) => oauth.ClientAuth): Promise<Judge> {
  const { clientId, clientSecret } = await site.agent({ redirectUris: [WEB_REDIRECT] });
  return { client: { client_id: clientId }, auth: method(clientSecret), redirectUri: WEB_REDIRECT };
}

interface Walked {
  readonly back: URL;
  readonly state: string;
  readonly verifier: string;
}

/** Pushes the request, and has the person decide. */
async function walk({ client, auth, redirectUri }: Judge, options: { DPoP?: oauth.DPoPHandle } = {}, refuse = false): Promise<Walked> {
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
  const parameters = {
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "note:read",
    resource: site.resource.href,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  const pushed = await oauth.pushedAuthorizationRequest(as, client, auth, parameters, options);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed);
  const url = new URL(as.authorization_endpoint ?? "");
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri }).toString();
  return { back: await site.decide(url, { refuse }), state, verifier };
}

async function signIn(judge: Judge, options: { DPoP?: oauth.DPoPHandle } = {}) {
  const { client, auth, redirectUri } = judge;
  const { back, state, verifier } = await walk(judge, options);
  const parameters = oauth.validateAuthResponse(as, client, back, state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, redirectUri, verifier, options);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response);
  return { ...tokens, refresh_token: tokens.refresh_token ?? "" };
}

async function refresh({ client, auth }: Judge, token: string, options: { DPoP?: oauth.DPoPHandle } = {}) {
  return oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token, options));
}

async function introspect({ client, auth }: Pick<Judge, "client" | "auth">, token: string) {
  return oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token));
}

/** The access token as a resource server validates it (RFC 9068, RFC 9449). */
function validate(token: string, requireDPoP: boolean, proof?: string) {
  const authorization = `${requireDPoP ? "DPoP" : "Bearer"} ${token}`;
  const request = new Request(site.resource, {
    method: "POST",
    headers: { authorization, ...(proof === undefined ? {} : { dpop: proof }) },
  });
  return oauth.validateJwtAccessToken(as, request, site.resource.href, { requireDPoP });
}

const isOAuthError =
  (code: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof oauth.ResponseBodyError, String(error));
    assert.equal(error.error, code);
    return true;
  };

describe("oauth4webapi", () => {
  test("the resource's metadata names it, and our issuer (RFC 9728)", async () => {
    const response = await oauth.resourceDiscoveryRequest(site.resource);
    const found = await oauth.processResourceDiscoveryResponse(site.resource, response);
    assert.deepEqual(found.authorization_servers, [as.issuer]);
  });

  test("a client that registered itself gets what it asked for, and signs a person in", async () => {
    const judge = await registered();
    assert.equal(judge.client.token_endpoint_auth_method, "none");
    const { access_token, refresh_token, scope } = await signIn(judge);
    assert.equal(scope, "note:read");
    const claims = await validate(access_token, false);
    assert.deepEqual([claims.client_id, claims["scope"]], [judge.client.client_id, "note:read"]);
    const next = await refresh(judge, refresh_token);
    assert.notEqual(next.refresh_token, refresh_token);
    const { method, body, headers } = site.call;
    const answer = await oauth.protectedResourceRequest(next.access_token, method, site.resource, headers, body);
    assert.equal(answer.status, 200);
  });

  for (const method of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
    test(`a client that people sign in with authenticates with ${method.name} at each endpoint`, async () => {
      const judge = await confidential(method);
      const tokens = await signIn(judge);
      assert.equal((await introspect(judge, tokens.access_token)).active, true);
      await refresh(judge, tokens.refresh_token);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, judge.client, judge.auth, tokens.refresh_token));
      assert.deepEqual(await introspect(judge, tokens.access_token), { active: false });
    });
  }

  test("T23: an answer of another issuer, or of none, is refused (RFC 9207), and so is one with another state", async () => {
    const judge = await registered();
    const { back, state } = await walk(judge);
    assert.ok(oauth.validateAuthResponse(as, judge.client, back, state).get("code"));
    for (const change of [{ iss: "https://other.example" }, { iss: undefined }, { state: "other" }]) {
      const changed = new URL(back);
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) changed.searchParams.delete(name);
        else changed.searchParams.set(name, value);
      }
      assert.throws(() => oauth.validateAuthResponse(as, judge.client, changed, state), oauth.OperationProcessingError);
    }
  });

  test("a refusal passes the same checks and says access_denied", async () => {
    const judge = await registered();
    const { back, state } = await walk(judge, {}, true);
    assert.throws(
      () => oauth.validateAuthResponse(as, judge.client, back, state),
      (error: unknown) => error instanceof oauth.AuthorizationResponseError && error.error === "access_denied",
    );
  });

  test("an agent gets a token with each method, which validates as an access token of RFC 9068", async () => {
    const { clientId, clientSecret } = await site.agent();
    const keys = await Promise.all(["ES256", "ES384", "PS256", "Ed25519"].map((alg) => site.keyAgent(alg)));
    const agents: readonly (readonly [string, oauth.ClientAuth])[] = [
      [clientId, oauth.ClientSecretBasic(clientSecret)],
      [clientId, oauth.ClientSecretPost(clientSecret)],
      ...keys.map(({ clientId: id, privateKey: key, kid }) => [id, oauth.PrivateKeyJwt({ key, kid })] as const),
    ];
    for (const [client_id, auth] of agents) {
      const client = { client_id };
      const response = await oauth.clientCredentialsGrantRequest(as, client, auth, { resource: site.resource.href });
      const { access_token } = await oauth.processClientCredentialsResponse(as, client, response);
      assert.equal((await validate(access_token, false)).sub, client_id);
      const known = await introspect({ client, auth }, access_token);
      assert.deepEqual([known.active, known.aud, known.iss], [true, site.resource.href, as.issuer]);
    }
  });

  test("a resource server that may introspect sees the tokens of others, other clients do not", async () => {
    const judge = await registered();
    const { access_token } = await signIn(judge);
    for (const mayIntrospect of [true, false]) {
      const { clientId, clientSecret } = await site.agent({ mayIntrospect });
      const by = { client: { client_id: clientId }, auth: oauth.ClientSecretBasic(clientSecret) };
      assert.equal((await introspect(by, access_token)).active, mayIntrospect);
    }
  });

  test("T30: an unknown client and a wrong secret are told the same, as an error that it can read", async () => {
    const { clientId } = await site.agent();
    const said = [];
    for (const client_id of [clientId, "cl_unknown"]) {
      const response = await oauth.clientCredentialsGrantRequest(as, { client_id }, oauth.ClientSecretPost("wrong"), {});
      const kept = response.clone();
      await assert.rejects(oauth.processClientCredentialsResponse(as, { client_id }, response), (error: unknown) => {
        return error instanceof oauth.WWWAuthenticateChallengeError || isOAuthError("invalid_client")(error);
      });
      said.push([kept.status, kept.headers.get("www-authenticate"), await kept.text()]);
    }
    assert.deepEqual(said[0], said[1]);
  });

  test("a device polls, waits, and gets its tokens once a person allowed it", async () => {
    const { client, auth } = await registered();
    const begun = await oauth.deviceAuthorizationRequest(as, client, auth, { scope: "note:read", resource: site.resource.href });
    const device = await oauth.processDeviceAuthorizationResponse(as, client, begun);
    const poll = async () =>
      oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(as, client, auth, device.device_code));
    await assert.rejects(poll(), isOAuthError("authorization_pending"));
    await assert.rejects(poll(), isOAuthError("slow_down"));

    const second = await oauth.deviceAuthorizationRequest(as, client, auth, { scope: "note:read" });
    const allowed = await oauth.processDeviceAuthorizationResponse(as, client, second);
    await site.allowDevice(allowed.user_code);
    const response = await oauth.deviceCodeGrantRequest(as, client, auth, allowed.device_code);
    const tokens = await oauth.processDeviceCodeResponse(as, client, response);
    assert.equal((await validate(tokens.access_token, false)).client_id, client.client_id);
    assert.ok(as.grant_types_supported?.includes(DEVICE_CODE));
  });

  test("DPoP: the tokens are bound to the key, at the resource and at the refresh", async () => {
    const judge = await registered();
    const keys = await oauth.generateKeyPair("ES256");
    const DPoP = oauth.DPoP(judge.client, keys);
    const tokens = await signIn(judge, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    const { method, body, headers } = site.call;
    const call = (options: { DPoP?: oauth.DPoPHandle }) =>
      oauth.protectedResourceRequest(tokens.access_token, method, site.resource, headers, body, options);
    assert.equal((await call({ DPoP })).status, 200);
    await assert.rejects(call({}), oauth.WWWAuthenticateChallengeError);
    const known = await introspect(judge, tokens.access_token);
    assert.deepEqual([known.token_type, known.cnf?.jkt], ["DPoP", await DPoP.calculateThumbprint()]);
    await assert.rejects(refresh(judge, tokens.refresh_token), isOAuthError("invalid_grant"));
    assert.equal((await refresh(judge, tokens.refresh_token, { DPoP })).token_type, "dpop");
  });

  test("a bound token validates with the proof of its key (RFC 9449 §7), and not as a bearer token", async () => {
    const { clientId, privateKey: key, kid } = await site.keyAgent("ES256");
    const client: oauth.Client = { client_id: clientId };
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
    const response = await oauth.clientCredentialsGrantRequest(as, client, oauth.PrivateKeyJwt({ key, kid }), {}, { DPoP });
    const { access_token } = await oauth.processClientCredentialsResponse(as, client, response);
    let proof = "";
    const keep = async (_url: string, { headers }: { readonly headers: Record<string, string> }) => {
      proof = headers["dpop"] ?? "";
      return new Response("ok");
    };
    await oauth.protectedResourceRequest(access_token, "POST", site.resource, undefined, undefined, { DPoP, [oauth.customFetch]: keep });
    assert.equal((await validate(access_token, true, proof)).sub, clientId);
    await assert.rejects(validate(access_token, false), oauth.OperationProcessingError);
  });
});
