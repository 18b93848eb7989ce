/** Requests as real clients send them, down to what is odd about each. Ids in URLs and ports are made up. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { SignJWT } from "jose";
import { FetchRefusedError, type GuardedFetch } from "../../src/lib/guarded-fetch.ts";
import {
  askPerson,
  connect,
  DEVICE_CODE,
  redeem,
  refresh,
  register,
  sendRegistration,
  tokensOf,
  type Tokens,
} from "../support/connection.ts";
import { decode, outcome, startIssuer, type Person, type TestIssuer } from "../support/issuer.ts";
import { startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { DOCUMENTS, REGISTRATIONS } from "./clients/support/real-clients.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const published = { keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "a", use: "sig", alg: "RS256" }] };

/** What these clients publish; nothing else can be fetched. */
const fetchPublished: GuardedFetch = async (url) => {
  const document = DOCUMENTS.find(({ id }) => id === String(url));
  const isKeys = DOCUMENTS.some(({ metadata }) => metadata["jwks_uri"] === String(url));
  if (document === undefined && !isKeys) throw new FetchRefusedError("address");
  const body = document === undefined ? published : { client_id: document.id, ...document.metadata };
  return { status: 200, headers: new Headers({ "content-type": "application/json" }), text: JSON.stringify(body) };
};

let it: TestIssuer;
let owner: Person;
const closing: (() => unknown)[] = [];
before(async () => {
  it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) }, { fetch: fetchPublished });
  owner = await it.person("owner");
});
after(async () => {
  for (const close of closing) await close();
});
beforeEach(async () => {
  it.advance(31_000);
  await it.verifier.refresh();
});

const CLAUDE = "https://claude.ai/oauth/mcp-oauth-client-metadata";
const CLAUDE_CODE = "https://claude.ai/oauth/claude-code-client-metadata";
const CHATGPT = "https://chatgpt.com/oauth/aBcD1234/client.json";
const CODEX = "https://chatgpt.com/oauth/codex/client.json";
const VS_CODE = "https://vscode.dev/oauth/client-metadata.json";

describe("claude.ai", () => {
  const redirectUri = "https://claude.ai/api/mcp/auth_callback";
  const more = { scope: " offline_access", prompt: "consent" };

  test("the metadata has all that it looks for before it uses its document", () => {
    const metadata = JSON.parse(it.issuer.metadata) as Record<string, unknown>;
    assert.equal(metadata["client_id_metadata_document_supported"], true);
    assert.ok((metadata["token_endpoint_auth_methods_supported"] as string[]).includes("none"));
    assert.deepEqual(metadata["code_challenge_methods_supported"], ["S256"]);
    assert.ok(!(metadata["scopes_supported"] as string[]).includes("offline_access"));
  });

  for (const [address, uri] of [
    ["claude.ai", redirectUri],
    ["claude.com", "https://claude.com/api/mcp/auth_callback"],
  ] as const) {
    test(`with its document and ${address}, " offline_access" and prompt=consent it gets the baseline and a refresh token`, async () => {
      const { answer } = await connect(it, owner, { clientId: CLAUDE, redirectUri: uri, more: { ...more, resource: `${it.origin}/` } });
      assert.equal(answer.json["scope"], "env:read org:read");
      assert.match(String(answer.json["refresh_token"]), /^rt_/);
      assert.equal(decode(String(answer.json["access_token"])).claims["aud"], it.resource);
    });
  }

  test("it may ask for every scope there is; what changes things stays unticked", async () => {
    const scope = `${it.options.scopes.names.join(" ")} offline_access`;
    const { answer } = await connect(it, owner, { clientId: CLAUDE, redirectUri, more: { ...more, scope } });
    assert.equal(answer.json["scope"], "env:read org:read");
  });

  test("with prompt=consent a person is asked again, also for what was allowed before", async () => {
    await connect(it, owner, { clientId: CLAUDE, redirectUri, more });
    const { to } = await askPerson(it, owner, { clientId: CLAUDE, redirectUri, more, consent: { refuse: true } });
    assert.equal(to.searchParams.get("error"), "access_denied");
  });

  test("a client that is forgotten gets 401 invalid_client from the token endpoint, on which it registers again", async () => {
    const { status, json } = await it.post({ grant_type: "refresh_token", client_id: "cl_forgotten", refresh_token: "rt_x" });
    assert.deepEqual([status, json["error"]], [401, "invalid_client"]);
  });
});

describe("Claude Code", () => {
  for (const host of ["localhost", "127.0.0.1"]) {
    test(`its document has ${host} without a port; the request has one, and names the resource as origin and slash`, async () => {
      const redirectUri = `http://${host}:54212/callback`;
      const { answer } = await connect(it, owner, { clientId: CLAUDE_CODE, redirectUri, more: { resource: `${it.origin}/` } });
      assert.equal(decode(String(answer.json["access_token"])).claims["aud"], it.resource);
    });
  }

  test("several processes that refresh the same token at once all go on with the same pair, again and again", async () => {
    let tokens: Tokens = await connect(it, owner, { clientId: CLAUDE_CODE, redirectUri: "http://localhost:61007/callback" });
    for (let generation = 0; generation < 3; generation++) {
      const { clientId } = tokens;
      const present = tokens;
      const answers = await Promise.all(Array.from({ length: 4 }, () => refresh(it, present, { form: { resource: `${it.origin}/` } })));
      const all = answers.map((answer) => tokensOf(clientId, answer));
      assert.equal(new Set(all.map(({ accessToken, refreshToken }) => `${accessToken} ${refreshToken}`)).size, 1);
      tokens = all[0] ?? tokens;
    }
    assert.notEqual(await outcome(it.verifier.verify(tokens.accessToken)), "invalid_token");
  });

  test("where documents are not used it registers as native and without scopes", async () => {
    const said = REGISTRATIONS.find(({ client }) => client === "Claude Code")?.metadata ?? {};
    const { client_id: clientId, application_type: type } = await sendRegistration(it, said);
    assert.equal(type, "native");
    const { answer } = await connect(it, owner, { clientId: String(clientId), redirectUri: "http://localhost:60001/callback" });
    assert.equal(answer.json["scope"], "env:read org:read");
  });
});

describe("ChatGPT and Codex", () => {
  const redirectUri = "https://chatgpt.com/connector/oauth/aBcD1234";

  function assertion(change: Record<string, unknown> = {}): Promise<string> {
    const at = Math.floor(it.now() / 1000);
    const claims = { iss: CHATGPT, sub: CHATGPT, aud: `${it.origin}/token`, iat: at, exp: at + 60, jti: crypto.randomUUID(), ...change };
    return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "a" }).sign(keys.privateKey);
  }

  test("ChatGPT proves with RS256 and the keys at its jwks_uri who it is, and echoes the resource everywhere", async () => {
    const more = { resource: it.resource, scope: "org:read" };
    const sent = await askPerson(it, owner, { clientId: CHATGPT, redirectUri, more });
    const signed = async () => ({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertion(),
      resource: it.resource,
    });
    const tokens = tokensOf(CHATGPT, await redeem(it, sent, { form: await signed() }));
    assert.equal((await refresh(it, tokens, { form: await signed() })).status, 200);
  });

  test("ChatGPT's document offers `none` beside private_key_jwt; its name alone is not enough all the same", async () => {
    const sent = await askPerson(it, owner, { clientId: CHATGPT, redirectUri });
    const { status, json } = await redeem(it, sent);
    assert.deepEqual([status, json["error"]], [401, "invalid_client"]);
  });

  test("Codex presents the same refresh token five times within a second and is answered the same; minutes later it must sign in again", async () => {
    const tokens = await connect(it, owner, { clientId: CODEX, redirectUri: "http://127.0.0.1:38471/callback" });
    const answers = [];
    for (let i = 0; i < 5; i++) {
      answers.push(await refresh(it, tokens));
      it.advance(200);
    }
    assert.deepEqual(new Set(answers.map(({ status, json }) => `${status} ${String(json["refresh_token"])}`)).size, 1);
    it.advance(300_000);
    await it.verifier.refresh();
    const late = await refresh(it, tokens);
    assert.deepEqual([late.status, late.json["error"]], [400, "invalid_grant"]);
  });
});

describe("Cursor, VS Code, mcp-remote", () => {
  const metadataOf = (name: string) => REGISTRATIONS.find(({ client }) => client === name)?.metadata ?? {};

  test("Cursor registers an app's scheme, https and loopback at once, and each of the three works", async () => {
    const clientId = await register(it, metadataOf("Cursor"));
    for (const redirectUri of metadataOf("Cursor")["redirect_uris"] as string[]) {
      const { answer } = await connect(it, owner, { clientId, redirectUri });
      assert.equal(answer.status, 200, redirectUri);
    }
  });

  test("VS Code registers for devices too, sends scopes in its metadata that mean nothing, and uses another port when its own is busy", async () => {
    const registered = await sendRegistration(it, metadataOf("VS Code"));
    assert.deepEqual(registered["redirect_uris"], metadataOf("VS Code")["redirect_uris"]);
    assert.ok((registered["grant_types"] as string[]).includes(DEVICE_CODE));
    for (const redirectUri of [
      "https://vscode.dev/redirect",
      "https://insiders.vscode.dev/redirect",
      "http://127.0.0.1:33418/",
      "http://127.0.0.1:50321/",
    ])
      assert.equal((await connect(it, owner, { clientId: String(registered["client_id"]), redirectUri })).answer.status, 200, redirectUri);
  });

  test("VS Code's document works as well", async () => {
    for (const redirectUri of ["https://vscode.dev/redirect", "http://127.0.0.1:33418/", "http://127.0.0.1:50321/"])
      assert.equal((await connect(it, owner, { clientId: VS_CODE, redirectUri })).answer.status, 200, redirectUri);
  });

  test("VS Code finds /authorize, /token and /register without any metadata", () => {
    const metadata = JSON.parse(it.issuer.metadata) as Record<string, unknown>;
    const found = ["authorization_endpoint", "token_endpoint", "registration_endpoint"].map((name) => metadata[name]);
    assert.deepEqual(
      found,
      ["/authorize", "/token", "/register"].map((path) => it.origin + path),
    );
  });

  test("mcp-remote registers again when its port changes; what the first client got stays", async () => {
    const said = metadataOf("mcp-remote");
    const first = await connect(it, owner, { clientId: await register(it, said), redirectUri: "http://localhost:20341/oauth/callback" });
    const again = { ...said, redirect_uris: ["http://localhost:3335/oauth/callback"] };
    const second = await connect(it, owner, { clientId: await register(it, again), redirectUri: "http://localhost:3335/oauth/callback" });
    assert.notEqual(first.clientId, second.clientId);
    for (const { accessToken } of [first, second]) assert.notEqual(await outcome(it.verifier.verify(accessToken)), "invalid_token");
  });
});

describe("the Inspector in a browser, on the whole server", () => {
  const PAGES = ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server", "/register", "/token", "/mcp"];
  const origin = "http://localhost:6274";

  test("every step has its preflight answered and lets the page read the answer", async (t) => {
    const server = await startServer(t, createSurface());
    for (const path of PAGES) {
      const method = path.startsWith("/.well-known") ? "GET" : "POST";
      const asked = "authorization, content-type, mcp-protocol-version, dpop";
      const preflight = await fetch(server.url + path, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": method, "access-control-request-headers": asked },
      });
      assert.equal(preflight.status, 204, path);
      assert.ok(["*", origin].includes(preflight.headers.get("access-control-allow-origin") ?? ""), path);
      assert.ok(preflight.headers.get("access-control-allow-methods")?.includes(method), path);
      const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase().split(", ") ?? [];
      assert.deepEqual(
        asked.split(", ").filter((name) => !allowed.includes(name)),
        [],
        path,
      );
      const answer = await fetch(server.url + path, {
        method,
        headers: { origin, "content-type": "application/json" },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
      assert.ok(["*", origin].includes(answer.headers.get("access-control-allow-origin") ?? ""), path);
      assert.equal(answer.headers.get("access-control-allow-credentials"), null, path);
      if (path === "/mcp") assert.match(answer.headers.get("access-control-expose-headers") ?? "", /WWW-Authenticate/i);
    }
  });

  test("pages for people answer no other origin", async (t) => {
    const server = await startServer(t, createSurface());
    for (const path of ["/authorize", "/sign-in", "/account", "/device"]) {
      const answer = await fetch(server.url + path, { headers: { origin }, redirect: "manual" });
      assert.equal(answer.headers.get("access-control-allow-origin"), null, path);
    }
  });
});
