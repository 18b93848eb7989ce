/** The product behind https with a certificate of the test's own authority, for clients that accept nothing less, and a person who decides. */
import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import { defineScopes } from "../../../src/index.ts";
import { startOutside, TEST_CA, type Answering } from "../../support/outside.ts";
import { decide, signInByLink, type Consent } from "../../support/person.ts";
import { startServer, type TestServer } from "../../support/remit.ts";
import type { Visitor } from "../../support/visitor.ts";

export const REDIRECT = "http://127.0.0.1:4711/callback";
export const WEB_REDIRECT = "https://app.example/callback";
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
/** What a client that registers itself says about itself. */
export const PUBLIC_CLIENT = {
  client_name: "Judge",
  redirect_uris: [REDIRECT],
  grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
};

const scopes = defineScopes({
  "note:read": { description: "Read notes.", access: "read", baseline: true },
  "note:write": { description: "Write notes.", access: "write", includes: ["note:read"] },
});

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface JudgedSite {
  readonly issuer: URL;
  readonly resource: URL;
  readonly server: TestServer;
  /** Made by an operator, with a secret; with redirect URIs for people, otherwise for itself. */
  agent(more?: { readonly redirectUris?: readonly string[]; readonly mayIntrospect?: boolean }): Promise<Credentials>;
  /** Made by an operator, with a key. */
  keyAgent(alg: string): Promise<{ readonly clientId: string; readonly privateKey: CryptoKey; readonly kid: string }>;
  /** The person decides about the authorization request; gives where the browser is sent. */
  decide(url: URL, consent?: Consent): Promise<URL>;
  /** The person enters the code that a device shows, and allows it. */
  allowDevice(userCode: string): Promise<void>;
  /** A request that a resource answers: 200 for a good token. */
  readonly call: { readonly method: "POST"; readonly headers: Headers; readonly body: string };
}

export async function createJudgedSite(t: Pick<TestContext, "after">): Promise<JudgedSite> {
  setDefaultCACertificates([...getCACertificates("default"), TEST_CA]);
  let handle: Answering | undefined;
  const outside = await startOutside(t, ["localhost"], (req, res) => handle?.(req, res));
  const server = await startServer(t, { scopes, tools: [] }, { REMIT_URL: `https://localhost:${outside.port}` });
  handle = server.handle;
  const made = await server.operator.createPerson({ email: "ada@acme.example", name: "Ada", role: "owner" });
  assert.ok("accountId" in made, JSON.stringify(made));
  const link = await server.operator.createSignInLink("ada@acme.example");
  assert.ok("url" in link);
  const ada: Visitor = await signInByLink(server.url, link.url);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const headers = new Headers({ "content-type": "application/json", accept: "application/json, text/event-stream" });

  return {
    issuer: new URL(server.url),
    resource: new URL(server.mcpUrl),
    server,
    call: { method: "POST", headers, body },
    async agent(more = {}) {
      const created = await server.operator.createAgent({ name: "Judge", scopes: ["note:read", "note:write"], ...more });
      assert.ok("clientId" in created, JSON.stringify(created));
      return { clientId: created.clientId, clientSecret: created.clientSecret ?? "" };
    },
    async keyAgent(alg) {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const kid = `key-${alg}`;
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, use: "sig" }] };
      const created = await server.operator.createAgent({ name: "Judge", scopes: ["note:read"], jwks });
      assert.ok("clientId" in created, JSON.stringify(created));
      return { clientId: created.clientId, privateKey, kid };
    },
    decide: (url, consent) => decide(ada, url.href, consent),
    async allowDevice(userCode) {
      const page = await ada.submit(await ada.open("/device"), { fill: { user_code: userCode } }, /device/);
      const done = await ada.submit(page, { press: "Allow what is ticked" }, /device/);
      assert.equal(done.status, 200, done.html);
    },
  };
}
