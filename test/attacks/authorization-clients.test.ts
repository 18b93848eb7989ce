/** Attacks by one client on another's tokens, and by who stole a token on its key. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { ath, createProver, type Prover } from "../oauth/support/prover.ts";
import { askPerson, connect, redeem, refresh, register, tokensOf, type Tokens } from "../support/connection.ts";
import { outcome, startIssuer, type Answer, type Person, type Secret, type TestIssuer } from "../support/issuer.ts";
import { modernRequest, startServer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

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

const seconds = (): number => Math.floor(Date.now() / 1000);

describe("DPoP at the token endpoint (RFC 9449 §5)", () => {
  const proofFor = async (prover: Prover, claims: object = {}) => ({
    dpop: await prover.prove({ htm: "POST", htu: `${it.origin}/token`, iat: seconds(), ...claims }),
  });

  async function connectBound(prover: Prover): Promise<Tokens> {
    const sent = await askPerson(it, owner, { clientId: await register(it) });
    return tokensOf(sent.clientId, await redeem(it, sent, { headers: await proofFor(prover) }));
  }

  test("T16: with a proof, tokens are bound to its key; the refresh token then needs a proof of it, and of no other", async () => {
    const [prover, thief] = [await createProver(), await createProver()];
    const tokens = await connectBound(prover);
    assert.equal(tokens.answer.json["token_type"], "DPoP");
    for (const headers of [{}, await proofFor(thief)]) {
      const answer = await refresh(it, tokens, { headers });
      assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"]);
    }
    const next = await refresh(it, tokens, { headers: await proofFor(prover) });
    assert.deepEqual([next.status, next.json["token_type"]], [200, "DPoP"]);
  });

  test("T16: of 20 parallel requests with one proof one gets tokens", async () => {
    const headers = await proofFor(await createProver());
    const agent = await it.agent("env:read");
    const form = { grant_type: "client_credentials", client_id: agent.clientId, client_secret: agent.clientSecret };
    const answers = await Promise.all(Array.from({ length: 20 }, () => it.post(form, headers)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status, json }) => status === 200 || json["error"] === "invalid_dpop_proof"));
  });

  const bad: readonly [string, object][] = [
    ["of another method", { htm: "GET" }],
    ["for another endpoint", { htu: "https://elsewhere.example/token" }],
    ["from ten minutes ago", { iat: seconds() - 600 }],
    ["from ten minutes ahead", { iat: seconds() + 600 }],
  ];
  for (const [title, claims] of bad) {
    test(`T16: a proof ${title} gives no token, and does not use the code up`, async () => {
      const prover = await createProver();
      const sent = await askPerson(it, owner, { clientId: await register(it) });
      const answer = await redeem(it, sent, { headers: await proofFor(prover, claims) });
      assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_dpop_proof"]);
      assert.equal((await redeem(it, sent, { headers: await proofFor(prover) })).status, 200);
    });
  }
});

describe("DPoP at the resource (RFC 9449 §7)", () => {
  async function boundToken(server: TestServer, prover: Prover): Promise<string> {
    const { clientId, clientSecret } = await server.agent("note:read");
    const response = await fetch(`${server.url}/token`, {
      method: "POST",
      headers: { dpop: await prover.prove({ htm: "POST", htu: `${server.url}/token`, iat: seconds() }) },
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret }),
    });
    const body = (await response.json()) as { readonly access_token: string; readonly token_type: string };
    assert.equal(body.token_type, "DPoP");
    return body.access_token;
  }

  test("T16: a stolen bound token is worth nothing without a new proof of its key for exactly this request", async (t) => {
    const server = await startServer(t, createSurface());
    const [prover, thief] = [await createProver(), await createProver()];
    const token = await boundToken(server, prover);
    const own = { htm: "POST", htu: server.mcpUrl, iat: seconds(), ath: ath(token) };
    const used = await prover.prove(own);
    const call = async (scheme: string, proof?: string): Promise<readonly [number, string]> => {
      const headers = { authorization: `${scheme} ${token}`, dpop: proof };
      const response = await fetch(server.mcpUrl, modernRequest(token, { method: "tools/list", headers }));
      return [response.status, response.headers.get("www-authenticate")?.split(" ")[0] ?? ""];
    };
    assert.equal((await call("DPoP", used))[0], 200);
    assert.deepEqual(await call("DPoP", used), [401, "DPoP"]);
    assert.deepEqual(await call("Bearer"), [401, "DPoP"]);
    assert.equal((await call("DPoP"))[0], 401);
    assert.deepEqual(await call("DPoP", await thief.prove(own)), [401, "DPoP"]);
    for (const change of [{ htu: `${server.url}/token` }, { htm: "GET" }, { ath: ath("another") }, { ath: undefined }])
      assert.deepEqual(await call("DPoP", await prover.prove({ ...own, ...change })), [401, "DPoP"], JSON.stringify(change));
    assert.equal((await call("DPoP", await prover.prove(own)))[0], 200);
  });
});

describe("another client's tokens (RFC 7009, RFC 7662)", () => {
  const ask = ({ clientId, clientSecret }: Secret, path: string, token: string): Promise<Answer> =>
    it.post({ client_id: clientId, client_secret: clientSecret, token }, {}, path);

  test("T12: whoever revokes another's access or refresh token is answered like the owner, and nothing happens", async () => {
    const tokens = await connect(it, owner);
    const stranger = await it.agent("env:read");
    const public_ = await register(it);
    for (const token of [tokens.accessToken, tokens.refreshToken, "rt_nonsense"]) {
      const form = new URLSearchParams({ client_id: stranger.clientId, client_secret: stranger.clientSecret, token });
      const response = await fetch(`${it.origin}/revoke`, { method: "POST", body: form });
      assert.equal(response.status, 200);
      const anonymous = await fetch(`${it.origin}/revoke`, { method: "POST", body: new URLSearchParams({ client_id: public_, token }) });
      assert.equal(anonymous.status, 200);
    }
    assert.notEqual(await outcome(it.verifier.verify(tokens.accessToken)), "invalid_token");
    assert.equal((await refresh(it, tokens)).status, 200);
  });

  test("a stranger who introspects a good token and one who introspects nonsense are told the same bytes", async () => {
    const tokens = await connect(it, owner);
    const stranger = await it.agent("env:read");
    const answers = await Promise.all(
      [tokens.accessToken, tokens.refreshToken, await it.token(await it.agent("env:read")), "nonsense"].map((token) =>
        ask(stranger, "/introspect", token),
      ),
    );
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)), new Set(['200 {"active":false}']));
  });

  test("nobody revokes or introspects without saying who they are, or as a client with a secret that they do not know", async () => {
    const tokens = await connect(it, owner);
    const stranger = await it.agent("env:read");
    for (const path of ["/revoke", "/introspect"]) {
      const forms = [{ token: tokens.accessToken }, { token: tokens.accessToken, client_id: stranger.clientId }];
      for (const form of [...forms, { ...forms[1], client_secret: "wrong" }]) {
        const answer = await it.post(form, {}, path);
        assert.deepEqual([answer.status, answer.json["error"]], [401, "invalid_client"], path);
      }
    }
    assert.notEqual(await outcome(it.verifier.verify(tokens.accessToken)), "invalid_token");
  });

  test("the ways inside the engine cannot be asked for at the token endpoint", async () => {
    const agent = await it.agent("env:read");
    for (const grant of ["urn:remit:introspection", "urn:remit:revocation", "urn:remit:device_authorization"]) {
      const form = { grant_type: grant, client_id: agent.clientId, client_secret: agent.clientSecret, token: "x" };
      assert.deepEqual((await it.post(form)).json["error"], "unsupported_grant_type");
      const twice = `grant_type=client_credentials&${new URLSearchParams(form)}`;
      assert.equal((await it.post(twice)).json["error"], "invalid_request");
    }
  });
});

describe("after a restart", () => {
  async function statusOf(server: TestServer, token: string): Promise<number> {
    const response = await fetch(server.mcpUrl, modernRequest(token, { method: "tools/list" }));
    await response.arrayBuffer();
    return response.status;
  }

  test("T12: a token that was revoked stays so, and one that was not still works", async (t: TestContext) => {
    const dataDir = await mkdtemp(join(tmpdir(), "remit-restart-"));
    t.after(() => rm(dataDir, { recursive: true, force: true }));
    const first = await startServer(t, createSurface(), { REMIT_DATA: dataDir });
    const port = new URL(first.url).port;
    const agent = await first.agent("note:read");
    const form = { client_id: agent.clientId, client_secret: agent.clientSecret };
    const issue = async (): Promise<string> => {
      const body = new URLSearchParams({ ...form, grant_type: "client_credentials" });
      return ((await (await fetch(`${first.url}/token`, { method: "POST", body })).json()) as { readonly access_token: string })
        .access_token;
    };
    const [revoked, kept] = [await issue(), await issue()];
    await fetch(`${first.url}/revoke`, { method: "POST", body: new URLSearchParams({ ...form, token: revoked }) });
    assert.deepEqual([await statusOf(first, revoked), await statusOf(first, kept)], [401, 200]);
    await first.close();
    const second = await startServer(t, createSurface(), { REMIT_DATA: dataDir, PORT: port });
    assert.deepEqual([await statusOf(second, revoked), await statusOf(second, kept)], [401, 200]);
  });
});
