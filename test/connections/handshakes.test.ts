/** Handshakes as clients go through them over HTTP, whole and broken, and what is said of each. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { ConnectionView } from "../../src/audit/index.ts";
import { authorizeUrl, createPkce, decide, signInByLink } from "../support/person.ts";
import { callTool, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import type { Visitor } from "../support/visitor.ts";

const REDIRECT = "http://127.0.0.1:4711/callback";

describe("handshakes", () => {
  let server: TestServer;
  let person: Visitor;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    server = await startServer({ after: (cleanup: () => unknown) => void cleanups.push(cleanup) }, createSurface());
    await server.operator.createPerson({ email: "ada@example.com", name: "Ada", role: "owner" });
    const link = await server.operator.createSignInLink("ada@example.com");
    assert.ok("url" in link);
    person = await signInByLink(server.url, link.url);
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  let clients = 0;
  /** A client with a name of its own, so that each test has a timeline of its own. */
  function createClient() {
    const userAgent = `client-${++clients}/1.0`;
    const headers = { "user-agent": userAgent };
    const get = (path: string) => fetch(`${server.url}${path}`, { headers });
    const mcp = (more: Record<string, string> = {}, search = "") =>
      fetch(`${server.mcpUrl}${search}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", accept: "application/json, text/event-stream", ...more },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
    const post = async (path: string, form: Record<string, string>) => {
      const response = await fetch(`${server.url}${path}`, { method: "POST", headers, body: new URLSearchParams(form) });
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, string>> };
    };
    return {
      userAgent,
      mcp,
      post,
      async discover() {
        assert.equal((await mcp()).status, 401);
        await get("/.well-known/oauth-protected-resource/mcp");
        await get("/.well-known/oauth-authorization-server");
      },
      async register(more: object = {}) {
        const response = await fetch(`${server.url}/register`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({
            client_name: userAgent,
            redirect_uris: ["http://127.0.0.1/callback"],
            grant_types: ["authorization_code", "refresh_token"],
            token_endpoint_auth_method: "none",
            ...more,
          }),
        });
        return { status: response.status, clientId: ((await response.json()) as { client_id?: string }).client_id ?? "" };
      },
    };
  }

  async function timelineOf(isIt: (view: ConnectionView) => boolean): Promise<ConnectionView> {
    return until(async () => (await server.operator.listConnections(100)).find(isIt));
  }

  const byAgent = (userAgent: string) => (view: ConnectionView) => view.user_agent === userAgent;
  const stepsOf = ({ steps }: ConnectionView) => steps.map(({ step, outcome }) => `${step} ${outcome}`);

  /** From discovery to the code; the person says yes. */
  async function toCode(client: ReturnType<typeof createClient>) {
    await client.discover();
    const { clientId } = await client.register();
    const pkce = createPkce();
    const left = await decide(person, authorizeUrl(server.url, { clientId, redirectUri: REDIRECT, challenge: pkce.challenge }), {
      scopes: ["note:read"],
    });
    return { clientId, pkce, code: left.searchParams.get("code") ?? assert.fail("no code") };
  }

  function redeem(
    client: ReturnType<typeof createClient>,
    { clientId, code, pkce }: Awaited<ReturnType<typeof toCode>>,
    more: Record<string, string> = {},
  ) {
    const form = { grant_type: "authorization_code", client_id: clientId, code, redirect_uri: REDIRECT, code_verifier: pkce.verifier };
    return client.post("/token", { ...form, ...more });
  }

  test("a healthy one is one timeline from the first 401 to the first request, told as connected, with no secret in it", async () => {
    const client = createClient();
    const walk = await toCode(client);
    const { body } = await redeem(client, walk);
    const token = body["access_token"] ?? assert.fail();
    await client.mcp({ authorization: `Bearer ${token}` });
    const view = await timelineOf((each) => byAgent(client.userAgent)(each) && each.finding.state === "connected");
    assert.deepEqual(stepsOf(view), [
      "challenge passed",
      "metadata passed",
      "registration passed",
      "authorize passed",
      "sign_in passed",
      "consent waiting",
      "consent passed",
      "token passed",
      "first_request passed",
    ]);
    assert.deepEqual([view.client, view.client_id], [client.userAgent, walk.clientId]);
    const secrets = [walk.code, walk.pkce.verifier, token, body["refresh_token"] ?? assert.fail(), ...person.cookies.values()];
    const kept = JSON.stringify(await server.operator.listConnections(500));
    for (const secret of secrets) assert.ok(!kept.includes(secret), secret);
    // Later requests with the same token, and renewals, add nothing.
    await client.mcp({ authorization: `Bearer ${token}` });
    await client.post("/token", { grant_type: "refresh_token", client_id: walk.clientId, refresh_token: body["refresh_token"] ?? "" });
    assert.deepEqual(stepsOf((await server.operator.findConnection(view.id)) ?? assert.fail()), stepsOf(view));

    // What it may not do is told where it is looked for.
    await callTool(server, token, "wipe", { text: "x" });
    const lacking = await timelineOf((each) => each.id === view.id && each.finding.problem === "scope_missing");
    assert.match(lacking.finding.says, /wipe needs note:write admin:write, which was not granted/);
  });

  interface Broken {
    readonly title: string;
    readonly problem: string;
    readonly step: string;
    readonly says: RegExp;
    run(client: ReturnType<typeof createClient>): Promise<string | void>;
  }

  const jwt = (claims: object) => `${part({ alg: "ES256", typ: "at+jwt" })}.${part(claims)}.${"A".repeat(86)}`;
  const nowSeconds = () => Math.floor(Date.now() / 1000);

  /** Opens an authorization request that is refused at once; the id of its client, when it has none of its own agent. */
  async function open(clientId: string, more: Record<string, string> = {}, redirectUri = REDIRECT): Promise<void> {
    const url = new URL(authorizeUrl(server.url, { clientId, redirectUri, challenge: createPkce().challenge, more }));
    for (const [name, value] of Object.entries(more)) if (value === "") url.searchParams.delete(name);
    await fetch(url, { redirect: "manual", headers: { "user-agent": "Browser/1" } });
  }

  const broken: readonly Broken[] = [
    {
      title: "a redirect URI that is not registered",
      problem: "redirect_wrong",
      step: "authorize",
      says: /come back to http:\/\/localhost:4711\/callback/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        await open(clientId, {}, "http://localhost:4711/callback?secret=1");
      },
    },
    {
      title: "a client id of before",
      problem: "client_unknown",
      step: "authorize",
      says: /no client cl_of_before/,
      async run(client) {
        await client.discover();
        await open("cl_of_before");
      },
    },
    {
      title: "no PKCE",
      problem: "pkce_missing",
      step: "authorize",
      says: /no code_challenge/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        await open(clientId, { code_challenge: "", code_challenge_method: "" });
      },
    },
    {
      title: "PKCE by plain",
      problem: "pkce_plain",
      step: "authorize",
      says: /by the method plain/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        await open(clientId, { code_challenge_method: "plain" });
      },
    },
    {
      title: "another resource",
      problem: "resource_wrong",
      step: "authorize",
      says: /for https:\/\/other\.example\.com\/mcp; the one resource here is http:\/\/127/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        await open(clientId, { resource: "https://other.example.com/mcp" });
      },
    },
    {
      title: "scopes that do not exist",
      problem: "scope_unknown",
      step: "authorize",
      says: /none: no:such/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        await open(clientId, { scope: "no:such" });
      },
    },
    {
      title: "the person refuses",
      problem: "person_refused",
      step: "consent",
      says: /The person refused/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        const url = authorizeUrl(server.url, { clientId, redirectUri: REDIRECT, challenge: createPkce().challenge });
        assert.equal((await decide(person, url, { refuse: true })).searchParams.get("error"), "access_denied");
      },
    },
    {
      title: "a redirect URI that cannot be registered",
      problem: "registration_redirect",
      step: "registration",
      says: /not allowed/,
      async run(client) {
        await client.discover();
        assert.equal((await client.register({ redirect_uris: ["http://example.com/callback"] })).status, 400);
      },
    },
    {
      title: "a code used twice",
      problem: "code_used",
      step: "token",
      says: /used before/,
      async run(client) {
        const walk = await toCode(client);
        await redeem(client, walk);
        assert.equal((await redeem(client, walk)).status, 400);
      },
    },
    {
      title: "a wrong code verifier",
      problem: "verifier_wrong",
      step: "token",
      says: /does not fit/,
      async run(client) {
        assert.equal((await redeem(client, await toCode(client), { code_verifier: createPkce().verifier })).status, 400);
      },
    },
    {
      title: "another redirect URI in the token request",
      problem: "redirect_differs",
      step: "token",
      says: /\(http:\/\/127\.0\.0\.1:4712\/callback\) than the authorization request \(http:\/\/127\.0\.0\.1:4711\/callback\)/,
      async run(client) {
        assert.equal((await redeem(client, await toCode(client), { redirect_uri: "http://127.0.0.1:4712/callback" })).status, 400);
      },
    },
    {
      title: "the code of another server",
      problem: "code_unknown",
      step: "token",
      says: /none of this server/,
      async run(client) {
        assert.equal((await redeem(client, await toCode(client), { code: "of-another-server" })).status, 400);
      },
    },
    {
      title: "a refresh token that has ended",
      problem: "refresh_dead",
      step: "token",
      says: /has ended/,
      async run(client) {
        await client.discover();
        const { clientId } = await client.register();
        assert.equal(
          (await client.post("/token", { grant_type: "refresh_token", client_id: clientId, refresh_token: "gone" })).status,
          400,
        );
      },
    },
    {
      title: "a wrong secret",
      problem: "secret_wrong",
      step: "token",
      says: /did not prove to be/,
      async run(client) {
        await client.discover();
        const { clientId } = await server.agent("note:read");
        const form = { grant_type: "client_credentials", client_id: clientId, client_secret: "wrong" };
        assert.equal((await client.post("/token", form)).status, 401);
      },
    },
    {
      title: "a client whose clock is wrong",
      problem: "assertion_clock",
      step: "token",
      says: /wrong by 10 min/,
      async run(client) {
        await client.discover();
        const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k", alg: "ES256", use: "sig" }] };
        const agent = await server.operator.createAgent({ name: "Fast", scopes: ["note:read"], jwks });
        assert.ok("clientId" in agent);
        const at = nowSeconds() + 600;
        const claims = { iss: agent.clientId, sub: agent.clientId, aud: server.url, iat: at, nbf: at, exp: at + 60, jti: "one" };
        const form = {
          grant_type: "client_credentials",
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: signed(privateKey, claims),
        };
        assert.equal((await client.post("/token", form)).status, 401);
      },
    },
    {
      title: "a token in the query",
      problem: "token_in_query",
      step: "first_request",
      says: /in the query/,
      run: async (client) => void (await client.mcp({}, "?access_token=very-secret-token")),
    },
    {
      title: "an API key in the place of a token",
      problem: "token_no_jwt",
      step: "first_request",
      says: /an API key/,
      run: async (client) => void (await client.mcp({ authorization: "Bearer sk_live_1234567890abcdef" })),
    },
    {
      title: "a token of another issuer",
      problem: "token_issuer",
      step: "first_request",
      says: /comes from https:\/\/login\.example\.com/,
      run: async (client) =>
        void (await client.mcp({
          authorization: `Bearer ${jwt({ iss: "https://login.example.com", aud: server.mcpUrl, exp: nowSeconds() + 60 })}`,
        })),
    },
    {
      title: "a token for another audience",
      problem: "token_audience",
      step: "first_request",
      says: /issued for https:\/\/other\.example\.com/,
      run: async (client) =>
        void (await client.mcp({
          authorization: `Bearer ${jwt({ iss: server.url, aud: "https://other.example.com/mcp", exp: nowSeconds() + 60 })}`,
        })),
    },
    {
      title: "a token from the future",
      problem: "token_clock",
      step: "first_request",
      says: /begins 15 min from now/,
      run: async (client) =>
        void (await client.mcp({
          authorization: `Bearer ${jwt({ iss: server.url, aud: server.mcpUrl, nbf: nowSeconds() + 900, exp: nowSeconds() + 960 })}`,
        })),
    },
    {
      title: "an expired token",
      problem: "token_expired",
      step: "first_request",
      says: /expired, 5 min before/,
      run: async (client) =>
        void (await client.mcp({ authorization: `Bearer ${jwt({ iss: server.url, aud: server.mcpUrl, exp: nowSeconds() - 300 })}` })),
    },
    {
      title: "metadata looked for where it is not",
      problem: "metadata_not_here",
      step: "metadata",
      says: /where none is/,
      run: async (client) =>
        void (await fetch(`${server.url}/.well-known/oauth-protected-resource/v2`, { headers: { "user-agent": client.userAgent } })),
    },
  ];

  for (const { title, problem, step, says, run } of broken) {
    test(`what broke is told: ${title}`, async () => {
      const client = createClient();
      await run(client);
      const view = await timelineOf((each) => byAgent(client.userAgent)(each) && each.finding.state === "stopped");
      assert.deepEqual([view.finding.problem, view.finding.step], [problem, step]);
      assert.match(view.finding.says, says);
      assert.ok(view.finding.remedy.length > 10 && !`${view.finding.says}${view.finding.remedy}`.includes("{"));
      assert.ok(!JSON.stringify(view).includes("very-secret-token") && !JSON.stringify(view).includes("secret=1"));
    });
  }

  test("the page of a link shows that one attempt to who sits in front of the client, and a link that was changed shows nothing", async () => {
    const client = createClient();
    await client.discover();
    await open("cl_<img src=x onerror=alert(1)>");
    const view = await timelineOf((each) => byAgent(client.userAgent)(each) && each.finding.problem === "client_unknown");
    const page = await fetch(view.link);
    const html = await page.text();
    assert.equal(page.status, 200);
    assert.match(html, /The connection stopped/);
    assert.ok(!html.includes("<img"));
    const { pathname } = new URL(view.link);
    for (const bent of [pathname.slice(0, -1), `${pathname}A`, "/connections/con_1.AAAA", "/connections/"]) {
      assert.equal((await fetch(`${server.url}${bent}`)).status, 404, bent);
    }
  });

  test("the page about a request that cannot be used has that link", async () => {
    const page = await fetch(authorizeUrl(server.url, { clientId: "cl_gone", redirectUri: REDIRECT, challenge: createPkce().challenge }));
    assert.match(await page.text(), /href="http:\/\/127\.0\.0\.1:\d+\/connections\/con_\w+\.[\w-]{22}"/);
  });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signed(key: KeyObject, claims: object): string {
  const input = `${part({ alg: "ES256", kid: "k", typ: "JWT" })}.${part(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
