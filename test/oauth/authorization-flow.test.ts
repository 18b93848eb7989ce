/** From registration to a revoked token, as a client and a person go through it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { authorizeUrl, createPkce, decide, type Consent, type Pkce } from "../support/person.ts";
import { decode, outcome, startIssuer, type Answer, type Person, type TestIssuer } from "../support/issuer.ts";

const REDIRECT = "http://127.0.0.1:4711/callback";

interface Walk {
  readonly clientId: string;
  readonly scope?: string;
  readonly consent?: Consent;
  readonly redirectUri?: string;
  readonly more?: Readonly<Record<string, string>>;
}

async function register(it: TestIssuer, more: object = {}): Promise<string> {
  // One address may register so often only.
  it.advance(31_000);
  await it.verifier.refresh();
  const response = await fetch(`${it.origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Test client",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
      application_type: "native",
      ...more,
    }),
  });
  const body = (await response.json()) as { readonly client_id: string };
  assert.equal(response.status, 201, JSON.stringify(body));
  return body.client_id;
}

async function walk(
  it: TestIssuer,
  person: Person,
  { clientId, scope, consent, redirectUri = REDIRECT, more }: Walk,
): Promise<{ to: URL; pkce: Pkce }> {
  const pkce = createPkce();
  const query = { ...(scope === undefined ? {} : { scope }), ...more };
  const to = await decide(
    person.visitor,
    authorizeUrl(it.origin, { clientId, redirectUri, challenge: pkce.challenge, more: query }),
    consent,
  );
  return { to, pkce };
}

function redeem(
  it: TestIssuer,
  { clientId, to, pkce, more = {} }: { clientId: string; to: URL; pkce: Pkce; more?: Record<string, string> },
): Promise<Answer> {
  return it.post({
    grant_type: "authorization_code",
    client_id: clientId,
    code: to.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT,
    code_verifier: pkce.verifier,
    ...more,
  });
}

async function connect(it: TestIssuer, person: Person, options: Omit<Walk, "clientId"> & { readonly clientId?: string } = {}) {
  const clientId = options.clientId ?? (await register(it));
  const { to, pkce } = await walk(it, person, { ...options, clientId });
  const answer = await redeem(it, { clientId, to, pkce });
  assert.equal(answer.status, 200, answer.text);
  return { clientId, to, pkce, access: String(answer.json["access_token"]), refresh: String(answer.json["refresh_token"]), answer };
}

describe("a person lets a client in", () => {
  let it: TestIssuer;
  let owner: Person;
  const closing: (() => unknown)[] = [];
  before(async () => {
    it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) });
    owner = await it.person("owner");
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test("T23: the browser goes back with code, state and the issuer; the token names the person, the client, the grant and the family", async () => {
    const { to, access, answer, clientId } = await connect(it, owner, { scope: "env:read", more: { resource: it.resource } });
    assert.equal(to.origin + to.pathname, REDIRECT);
    assert.deepEqual([to.searchParams.get("state"), to.searchParams.get("iss")], ["the-state", it.origin]);
    const { claims, header } = decode(access);
    assert.deepEqual(
      [claims["sub"], claims["client_id"], claims["aud"], claims["scope"]],
      [owner.accountId, clientId, it.resource, "env:read"],
    );
    assert.match(String(claims["fid"]), /^fam_/);
    assert.equal(header["typ"], "at+jwt");
    assert.equal(answer.json["scope"], "env:read");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  });

  test("no scope asked for means the baseline; unknown ones are left out; only unknown ones are refused at the client", async () => {
    assert.equal((await connect(it, owner)).answer.json["scope"], "env:read org:read");
    assert.equal((await connect(it, owner, { scope: " offline_access" })).answer.json["scope"], "env:read org:read");
    assert.equal((await connect(it, owner, { scope: "org:read nonsense openid" })).answer.json["scope"], "org:read");
    const { to } = await walk(it, owner, { clientId: await register(it), scope: "nonsense" });
    assert.equal(to.searchParams.get("error"), "invalid_scope");
    assert.equal(to.searchParams.get("iss"), it.origin);
  });

  test("scopes that change things are granted only when ticked, and a person can grant fewer than asked", async () => {
    const asked = { scope: "env:read org:write" };
    assert.equal((await connect(it, owner, asked)).answer.json["scope"], "env:read");
    const ticked = await connect(it, owner, { ...asked, consent: { scopes: ["org:write"] } });
    assert.equal(ticked.answer.json["scope"], "org:write");
  });

  test("read only turns what was ticked into what it includes for looking", async () => {
    const entries = { choose: { read_only: ["on"] } };
    const { answer } = await connect(it, owner, { scope: "env:read org:write", consent: { scopes: ["org:write", "env:read"], entries } });
    assert.equal(answer.json["scope"], "env:read org:read");
  });

  test("refusal goes back as access_denied, with the issuer", async () => {
    const { to } = await walk(it, owner, { clientId: await register(it), consent: { refuse: true } });
    assert.deepEqual(
      [to.searchParams.get("error"), to.searchParams.get("iss"), to.searchParams.get("code")],
      ["access_denied", it.origin, null],
    );
  });

  test("nobody can consent to more than their role allows, whatever the form says", async () => {
    const viewer = await it.person("viewer");
    const clientId = await register(it);
    const { to, pkce } = await walk(it, viewer, { clientId, scope: "env:read org:write", consent: { scopes: ["env:read", "org:write"] } });
    const answer = await redeem(it, { clientId, to, pkce });
    assert.equal(answer.json["scope"], "env:read");
  });

  test("T21: a code works once; its second use ends the tokens of the first", async () => {
    const { access, refresh, to, pkce, clientId } = await connect(it, owner);
    assert.notEqual(await outcome(it.verifier.verify(access)), "invalid_token");
    const again = await redeem(it, { clientId, to, pkce });
    assert.deepEqual([again.status, again.json["error"]], [400, "invalid_grant"]);
    assert.equal(await outcome(it.verifier.verify(access)), "invalid_token");
    const refreshed = await it.post({ grant_type: "refresh_token", client_id: clientId, refresh_token: refresh });
    assert.deepEqual([refreshed.status, refreshed.json["error"]], [400, "invalid_grant"]);
  });

  test("T21: of 50 parallel redemptions of one code, one succeeds", async () => {
    const clientId = await register(it);
    const { to, pkce } = await walk(it, owner, { clientId });
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(it, { clientId, to, pkce })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status, json }) => status === 200 || json["error"] === "invalid_grant"));
  });

  const bound: readonly [string, Record<string, string>, string][] = [
    ["T22: another verifier", { code_verifier: "x".repeat(43) }, "invalid_grant"],
    ["T22: no verifier", { code_verifier: "" }, "invalid_request"],
    ["T22: a verifier that is too short", { code_verifier: "x".repeat(42) }, "invalid_grant"],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:4711/other" }, "invalid_grant"],
    ["another resource", { resource: "https://elsewhere.example/mcp" }, "invalid_target"],
  ];
  for (const [title, more, error] of bound) {
    test(`a code is refused with ${title}`, async () => {
      const clientId = await register(it);
      const { to, pkce } = await walk(it, owner, { clientId });
      const answer = await redeem(it, { clientId, to, pkce, more });
      assert.deepEqual([answer.status, answer.json["error"]], [400, error], answer.text);
    });
  }

  test("a code belongs to its client", async () => {
    const clientId = await register(it);
    const { to, pkce } = await walk(it, owner, { clientId });
    const answer = await redeem(it, { clientId: await register(it), to, pkce });
    assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"]);
  });

  const requests: readonly [string, Record<string, string>, string][] = [
    ["T22: no challenge", { code_challenge: "" }, "invalid_request"],
    ["T22: the method plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["T29: the response type token", { response_type: "token" }, "unsupported_response_type"],
    ["T29: an implicit id token", { response_type: "code id_token" }, "unsupported_response_type"],
    ["another resource", { resource: "https://elsewhere.example/" }, "invalid_target"],
    ["prompt=none, which cannot decide for a person", { prompt: "none" }, "interaction_required"],
  ];
  for (const [title, more, error] of requests) {
    test(`an authorization request is refused at the client, with the issuer, for ${title}`, async () => {
      const { to } = await walk(it, owner, { clientId: await register(it), more });
      assert.equal(to.origin + to.pathname, REDIRECT);
      // Errors of response types with tokens go into the fragment, as such clients expect.
      const said = new URLSearchParams(to.search === "" ? to.hash.slice(1) : to.search);
      assert.deepEqual([said.get("error"), said.get("iss"), said.get("access_token")], [error, it.origin, null]);
    });
  }

  const unsafe = [
    "http://127.0.0.1:4711/callback/more",
    "http://127.0.0.1:4711/other",
    "http://localhost:4711/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "https://127.0.0.1/callback",
    "http://127.0.0.1/callback#x",
    "http://127.0.0.1/%63allback",
    "javascript:alert(1)",
  ];
  for (const redirectUri of unsafe) {
    test(`T20: nobody is sent to ${redirectUri}; a page says why`, async () => {
      const url = authorizeUrl(it.origin, { clientId: await register(it), redirectUri, challenge: createPkce().challenge });
      const page = await owner.visitor.open(url);
      assert.equal(page.left, undefined);
      assert.equal(page.status, 400);
      assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    });
  }

  test("an unknown client gets a page, not a redirect", async () => {
    const page = await owner.visitor.open(
      authorizeUrl(it.origin, { clientId: "cl_unknown", redirectUri: REDIRECT, challenge: createPkce().challenge }),
    );
    assert.deepEqual([page.left, page.status], [undefined, 400]);
  });

  test("T24: the decision belongs to the browser that began; another person's page is not there", async () => {
    const clientId = await register(it);
    const url = authorizeUrl(it.origin, { clientId, redirectUri: REDIRECT, challenge: createPkce().challenge });
    const page = await owner.visitor.open(url);
    const victim = await it.person("admin");
    const seen = await victim.visitor.open(page.url.pathname);
    assert.equal(
      seen.forms.some(({ action }) => action.includes("/interaction/")),
      false,
    );
    assert.ok(seen.status >= 400);
  });

  test("T12: what a person takes back is refused at the next request", async () => {
    const { access, refresh, clientId } = await connect(it, owner);
    const grantId = String(decode(access).claims["gid"]);
    assert.equal(await it.issuer.authorizations.revokeConnection(owner.accountId, grantId), true);
    assert.equal(await outcome(it.verifier.verify(access)), "invalid_token");
    const refreshed = await it.post({ grant_type: "refresh_token", client_id: clientId, refresh_token: refresh });
    assert.deepEqual([refreshed.status, refreshed.json["error"]], [400, "invalid_grant"]);
  });

  test("a demotion acts on tokens that live, at the next look at the rows", async () => {
    const person = await it.person("admin");
    const { access } = await connect(it, person, { scope: "org:write", consent: { scopes: ["org:write"] } });
    await it.store.db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", person.accountId).execute();
    await it.verifier.refresh();
    const token = await outcome(it.verifier.verify(access));
    assert.ok(typeof token !== "string");
    assert.deepEqual([...token.scopes.held], ["org:read"]);
  });

  test("step-up: granted scopes accumulate, and what was granted is marked as such", async () => {
    const clientId = await register(it);
    const first = await connect(it, owner, { clientId, scope: "org:read" });
    const url = authorizeUrl(it.origin, {
      clientId,
      redirectUri: REDIRECT,
      challenge: createPkce().challenge,
      more: { scope: "org:read env:write" },
    });
    const page = await owner.visitor.open(url);
    assert.match(page.html, /allowed before/);
    const second = await connect(it, owner, { clientId, scope: "org:read env:write", consent: { scopes: ["org:read", "env:write"] } });
    assert.equal(second.answer.json["scope"], "env:write org:read");
    assert.equal(decode(first.access).claims["gid"], decode(second.access).claims["gid"]);
  });

  test("T26: a client that registered itself gets no token for itself", async () => {
    const clientId = await register(it, { grant_types: ["client_credentials", "authorization_code"] });
    const { status, json } = await it.post({ grant_type: "client_credentials", client_id: clientId });
    assert.ok(status >= 400 && json["access_token"] === undefined, JSON.stringify(json));
  });

  test("PAR: a pushed request works once", async () => {
    const clientId = await register(it);
    const { challenge } = createPkce();
    const form = {
      client_id: clientId,
      response_type: "code",
      redirect_uri: REDIRECT,
      code_challenge: challenge,
      code_challenge_method: "S256",
      scope: "env:read",
    };
    const pushed = await it.post(form, {}, "/par");
    assert.equal(pushed.status, 201, pushed.text);
    const url = `${it.origin}/authorize?${new URLSearchParams({ client_id: clientId, request_uri: String(pushed.json["request_uri"]) })}`;
    const to = await decide(owner.visitor, url);
    assert.ok(to.searchParams.get("code"));
    const again = await owner.visitor.open(url);
    assert.equal(again.left?.searchParams.get("code") ?? undefined, undefined);
  });
});
