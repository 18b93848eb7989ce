import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { createIssuer } from "../../src/oauth/index.ts";
import { assertionForm, keyAgent, type KeyAgent } from "../support/assertions.ts";
import { basic, decode, startIssuer, type TestIssuer } from "../support/issuer.ts";

describe("private_key_jwt", () => {
  let as: TestIssuer;
  let agent: KeyAgent;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    as = await startIssuer({ after: (fn) => void cleanups.push(fn as () => unknown) });
    agent = await keyAgent(as);
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const seconds = (): number => Math.floor(as.now() / 1000);

  for (const alg of ["ES256", "ES384", "ES512", "Ed25519", "PS256", "RS256"]) {
    test(`a client with a key for ${alg} gets a token without naming itself beside the assertion`, async () => {
      const other = await keyAgent(as, { alg });
      const { status, json, text } = await as.post(assertionForm(await other.assert()));
      assert.equal(status, 200, text);
      assert.equal(decode(String(json.access_token)).claims.sub, other.clientId);
    });
  }

  const accepted: [string, () => JWTPayload][] = [
    ["its audience is the issuer", () => ({})],
    ["its audience is the issuer with a slash", () => ({ aud: `${as.origin}/` })],
    ["its audience is the token endpoint", () => ({ aud: `${as.origin}/token` })],
    ["its audience is a list of one", () => ({ aud: [as.origin] })],
    ["it does not say when it was issued", () => ({ iat: undefined as unknown as number })],
    ["the client's clock is 20 s ahead", () => ({ iat: seconds() + 20, exp: seconds() + 320 })],
  ];
  for (const [title, claims] of accepted) {
    test(`T16: an assertion is accepted when ${title}`, async () => {
      const answer = await as.post(assertionForm(await agent.assert(claims())));
      assert.equal(answer.status, 200, answer.text);
    });
  }

  const refused: [string, () => JWTPayload][] = [
    ["another server is its audience", () => ({ aud: "https://other.example" })],
    ["another server is among its audiences", () => ({ aud: [as.origin, "https://other.example"] })],
    ["both of our names are its audiences", () => ({ aud: [as.origin, `${as.origin}/token`] })],
    ["the resource is its audience", () => ({ aud: as.resource })],
    ["it has no audience", () => ({ aud: undefined as unknown as string })],
    ["it lives longer than five minutes", () => ({ exp: seconds() + 301 })],
    [
      "it lives longer than five minutes and does not say since when",
      () => ({ iat: undefined as unknown as number, exp: seconds() + 400 }),
    ],
    ["it expired 31 s ago", () => ({ iat: seconds() - 100, exp: seconds() - 31 })],
    ["it never expires", () => ({ exp: undefined as unknown as number })],
    ["it expires at a broken second", () => ({ exp: seconds() + 100.5 })],
    ["it was issued in the future", () => ({ iat: seconds() + 60, exp: seconds() + 300 })],
    ["it is not valid yet", () => ({ nbf: seconds() + 60 })],
    ["it has no id", () => ({ jti: undefined as unknown as string })],
    ["its id is not a text", () => ({ jti: 5 as unknown as string })],
    ["its id is longer than 256 characters", () => ({ jti: "x".repeat(257) })],
    ["another client issued it", () => ({ iss: "cl_other" })],
    ["it is about another client", () => ({ sub: "cl_other" })],
  ];
  for (const [title, claims] of refused) {
    test(`T16: an assertion is refused when ${title}`, async () => {
      const { status, json, text } = await as.post(assertionForm(await agent.assert(claims())));
      assert.deepEqual([status, json.error], [401, "invalid_client"], text);
    });
  }

  test("T16: an assertion is refused when it is not signed with the client's key", async () => {
    const { keys } = JSON.parse((await as.store.clients.find(agent.clientId))?.jwks ?? "") as { keys: unknown[] };
    const claims = { iss: agent.clientId, sub: agent.clientId, aud: as.origin, jti: randomUUID(), exp: seconds() + 60 };
    const hmacOfPublicKey = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode(JSON.stringify(keys[0])));
    const other = await keyAgent(as);
    const byAnother = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k1" }).sign(other.privateKey);
    const embedded = await new SignJWT(claims)
      .setProtectedHeader({
        alg: "ES256",
        jwk: (JSON.parse((await as.store.clients.find(other.clientId))?.jwks ?? "") as { keys: [object] }).keys[0],
      })
      .sign(other.privateKey);
    for (const assertion of [new UnsecuredJWT(claims).encode(), hmacOfPublicKey, byAnother, embedded]) {
      const { status, json, text } = await as.post(assertionForm(assertion));
      assert.deepEqual([status, json.error], [401, "invalid_client"], text);
    }
  });

  test("T30: a client takes its own method only", async () => {
    const secretAgent = await as.agent("org:read");
    const asSecret = await as.post({ grant_type: "client_credentials" }, basic({ clientId: agent.clientId, clientSecret: "x" }));
    assert.equal(asSecret.json.error, "invalid_client");
    const claims = { iss: secretAgent.clientId, sub: secretAgent.clientId, aud: as.origin, jti: randomUUID(), exp: seconds() + 60 };
    const hmac = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secretAgent.clientSecret));
    assert.equal((await as.post(assertionForm(hmac))).json.error, "invalid_client");
    const both = await as.post(assertionForm(await agent.assert(), { client_id: agent.clientId, client_secret: "x" }));
    assert.deepEqual([both.status, both.json.error], [400, "invalid_request"]);
  });

  test("T16: of 50 parallel uses of one assertion exactly one gets a token", async () => {
    const assertion = await agent.assert();
    const issued = as.events.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => as.post(assertionForm(assertion))));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status, json }) => status === 401 && json.error === "invalid_client").length, 49);
    assert.equal(as.events.length, issued + 1);
  });

  test("T16: an assertion that was used is refused by another process on the same store too", async (t) => {
    const assertion = await agent.assert();
    assert.equal((await as.post(assertionForm(assertion))).status, 200);
    const second = await createIssuer(as.options);
    t.after(() => second.close());
    const { createServer } = await import("node:http");
    const http = createServer((req, res) => void second.handle(req, res));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    t.after(() => http.close());
    const address = http.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const post = (body: string) =>
      fetch(`http://127.0.0.1:${port}/token`, { method: "POST", body: new URLSearchParams(assertionForm(body)) });
    assert.equal((await post(assertion)).status, 401);
    assert.equal((await post(await agent.assert())).status, 200);
  });

  test("T16: the same id may come from another client", async () => {
    const jti = randomUUID();
    const other = await keyAgent(as);
    assert.equal((await as.post(assertionForm(await agent.assert({ jti })))).status, 200);
    assert.equal((await as.post(assertionForm(await other.assert({ jti })))).status, 200);
    assert.equal((await as.post(assertionForm(await agent.assert({ jti, exp: seconds() + 200 })))).status, 401);
  });

  test("T71: the mark of a used assertion holds no part of it", async () => {
    const jti = randomUUID();
    assert.equal((await as.post(assertionForm(await agent.assert({ jti })))).status, 200);
    const rows = JSON.stringify(await as.store.db.selectFrom("oidc_payload").selectAll().execute());
    assert.ok(rows.includes("ReplayDetection"));
    assert.ok(!rows.includes(jti));
  });
});
