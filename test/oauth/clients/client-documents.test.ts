import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { toEngineMetadata } from "../../../src/oauth/issuer/clients/index.ts";
import { startClients, type Clients, type Page } from "./support/directory.ts";

const PAGE = "https://docs.example/client.json";
const KEYS = "https://other.example/jwks.json";
const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
const EC = key.publicKey.export({ format: "jwk" });
const PRIVATE = key.privateKey.export({ format: "jwk" });
const WEAK = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
const ADDRESS = "203.0.113.7";

type Document = Readonly<Record<string, unknown>>;

function documentFor(as: Clients, change: Document = {}): Document {
  return {
    client_id: as.url(PAGE),
    client_name: "Reporter",
    redirect_uris: ["https://app.example/cb"],
    token_endpoint_auth_method: "none",
    ...change,
  };
}

function publish(as: Clients, change: Document = {}, page: Partial<Page> = {}): string {
  as.pages.set(PAGE, { body: documentFor(as, change), ...page });
  return as.url(PAGE);
}

test("a client is what its document says, and nothing that it says is policy", async (t) => {
  const as = await startClients(t);
  const id = publish(as, {
    scope: "org:write admin",
    allowed_scopes: ["org:write"],
    may_introspect: 1,
    challenge: "in_band",
    workspace_id: "wks_1",
    grant_types: ["authorization_code", "refresh_token", "client_credentials", "implicit"],
    logo_uri: "https://docs.example/logo.png",
    client_uri: "javascript:alert(1)",
  });
  const row = await as.directory.find(id, ADDRESS);
  assert.ok(row !== undefined);
  const { created_at: _at, metadata, ...rest } = row;
  assert.deepEqual(rest, {
    id,
    kind: "document",
    workspace_id: null,
    name: "Reporter",
    auth_method: "none",
    secret_hash: null,
    jwks: null,
    scopes: null,
    grant_id: null,
    may_introspect: 0,
    created_by: null,
    challenge: "http",
    used_at: null,
    disabled_at: null,
  });
  assert.deepEqual(JSON.parse(metadata), {
    redirect_uris: ["https://app.example/cb"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "web",
    token_endpoint_auth_method: "none",
    logo_uri: "https://docs.example/logo.png",
  });
});

const UNUSABLE: [string, Document, Partial<Page>][] = [
  ["another client_id", { client_id: "https://docs.example/other.json" }, {}],
  ["no client_id", { client_id: undefined }, {}],
  ["no name", { client_name: undefined }, {}],
  ["a name that nobody can see", { client_name: "\u200b\u202e " }, {}],
  ["no redirect URIs", { redirect_uris: undefined }, {}],
  ["empty redirect URIs", { redirect_uris: [], grant_types: ["urn:ietf:params:oauth:grant-type:device_code"] }, {}],
  ["a redirect URI that runs script", { redirect_uris: ["https://app.example/cb", "javascript:alert(1)"] }, {}],
  ["a secret", { client_secret: "x" }, {}],
  ["the end of a secret", { client_secret_expires_at: 0 }, {}],
  ["a method with a secret", { token_endpoint_auth_method: "client_secret_basic" }, {}],
  ["a method with a shared key", { token_endpoint_auth_method: "client_secret_jwt", token_endpoint_auth_methods_supported: ["none"] }, {}],
  ["assertions without keys", { token_endpoint_auth_method: "private_key_jwt" }, {}],
  ["T10: a private key", { jwks: { keys: [PRIVATE] } }, {}],
  ["T10: a private key beside no method", { jwks: { keys: [PRIVATE] }, token_endpoint_auth_method: undefined }, {}],
  ["T10: a weak key", { jwks: { keys: [WEAK] }, token_endpoint_auth_method: "private_key_jwt" }, {}],
  ["T10: a shared key", { jwks: { keys: [{ kty: "oct", k: "AAAA" }] }, token_endpoint_auth_method: "private_key_jwt" }, {}],
  [
    "keys in two places",
    { jwks: { keys: [EC] }, jwks_uri: "https://other.example/jwks.json", token_endpoint_auth_method: "private_key_jwt" },
    {},
  ],
  ["only grants that need an operator", { grant_types: ["client_credentials"] }, {}],
  ["a member of a wrong type", { redirect_uris: "https://app.example/cb" }, {}],
  ["a body of 10 KB", { padding: "x".repeat(10 * 1024) }, {}],
  ["a type that is not JSON", {}, { headers: { "content-type": "text/html" } }],
  ["a type that only looks like JSON", {}, { headers: { "content-type": "application/jsonx" } }],
  ["the status 404", {}, { status: 404 }],
  ["the status 206", {}, { status: 206 }],
  ["a redirect", {}, { status: 302, headers: { location: "https://other.example/client.json" } }],
  ["text that is no JSON", {}, { body: "{" }],
  ["a list", {}, { body: "[]" }],
  ["null", {}, { body: "null" }],
];

describe("T27: documents that make no client", () => {
  for (const [title, change, page] of UNUSABLE) {
    test(`T27: refused, once and not fetched again for a minute: ${title}`, async (t) => {
      const as = await startClients(t);
      const id = publish(as, change, page);
      for (let i = 0; i < 5; i++) assert.equal(await as.directory.find(id, ADDRESS), undefined);
      assert.equal(as.outside.requests.length, 1);
      assert.equal(as.logLines.length, 1);
      publish(as);
      as.advance(61_000);
      assert.equal((await as.directory.find(id, ADDRESS))?.id, id);
    });
  }

  const ids = [
    "http://docs.example:PORT/client.json",
    "https://docs.example:PORT",
    "https://docs.example:PORT/",
    "https://docs.example:PORT/client.json#x",
    "https://docs.example:PORT/client.json#",
    "https://user@docs.example:PORT/client.json",
    "https://user:x@docs.example:PORT/client.json",
    "https://@docs.example:PORT/client.json",
    "https://docs.example.:PORT/client.json",
    "https://docs.example:PORT/a/../client.json",
    "https://docs.example:PORT/./client.json",
    "https://docs.example:PORT/%2e/client.json",
    "https://docs.example:PORT/a/%2E%2E/client.json",
    "https://DOCS.example:PORT/client.json",
    "HTTPS://docs.example:PORT/client.json",
    "https:docs.example:PORT/client.json",
    "https://docs.example:PORT\\client.json",
    " https://docs.example:PORT/client.json",
    "https://docs.example:PORT/client.json\n",
    "https://docs.example:PORT/cl ient.json",
    "https://docs。example:PORT/client.json",
    "https://docs.example:PORT/\u202eclient.json",
    "https://127.1:PORT/client.json",
    `https://docs.example:PORT/${"x".repeat(512)}`,
  ];
  test("T27: an id that is not in the one form that ids have is not fetched", async (t) => {
    const as = await startClients(t);
    publish(as);
    for (const id of ids) assert.equal(await as.directory.find(id.replace("PORT", String(as.outside.port)), ADDRESS), undefined, id);
    assert.equal(as.outside.connections(), 0);
    assert.ok((await as.directory.find(as.url(PAGE), ADDRESS)) !== undefined, "the plain form is fetched");
  });
});

describe("T27: how often documents are fetched", () => {
  const fresh: [string, Record<string, string>, number][] = [
    ["as long as it says", { "cache-control": "public, max-age=600" }, 600],
    ["30 s when it says less", { "cache-control": "max-age=0" }, 30],
    ["30 s when it forbids to keep it", { "cache-control": "no-store, max-age=900" }, 30],
    ["a day when it says more", { "cache-control": "max-age=99999999" }, 86_400],
    ["10 min when it says nothing", {}, 600],
    ["30 s when it expired long ago", { expires: "Thu, 01 Jan 1970 00:00:00 GMT" }, 30],
  ];
  for (const [title, headers, seconds] of fresh) {
    test(`a document stays fresh ${title}`, async (t) => {
      const as = await startClients(t);
      const id = publish(as, {}, { headers });
      for (const [ms, requests] of [
        [0, 1],
        [seconds * 1000 - 5000, 1],
        [10_000, 2],
      ] as const) {
        as.advance(ms);
        assert.ok((await as.directory.find(id, ADDRESS)) !== undefined);
        assert.equal(as.outside.requests.length, requests);
      }
    });
  }

  test("50 parallel requests for one client fetch its document once", async (t) => {
    const as = await startClients(t);
    const id = publish(as);
    const rows = await Promise.all(Array.from({ length: 50 }, () => as.directory.find(id, ADDRESS)));
    assert.deepEqual([rows.filter((row) => row?.name === "Reporter").length, as.outside.requests.length], [50, 1]);
  });

  test("a client whose document has become unusable is refused, though it was good before", async (t) => {
    const as = await startClients(t);
    const id = publish(as);
    assert.ok((await as.directory.find(id, ADDRESS)) !== undefined);
    publish(as, { client_secret: "x" });
    as.advance(601_000);
    assert.equal(await as.directory.find(id, ADDRESS), undefined);
  });

  test("one network can make the server fetch 20 new URLs, and others are not kept from theirs", async (t) => {
    const as = await startClients(t);
    const fresh = (host: string, i: number): string => as.url(`https://${host}/${i}.json`);
    for (let i = 0; i < 40; i++) await as.directory.find(fresh(i % 2 === 0 ? "docs.example" : "claude.ai", i), ADDRESS);
    assert.equal(as.outside.requests.length, 20);
    publish(as);
    assert.equal(await as.directory.find(as.url(PAGE), ADDRESS), undefined);
    assert.ok(
      (await as.directory.find(as.url(PAGE), "198.51.100.9")) !== undefined,
      "and what is over budget is not remembered as unusable",
    );
  });

  test("one host is asked for 20 new URLs, whoever asks", async (t) => {
    const as = await startClients(t);
    for (let i = 0; i < 40; i++) await as.directory.find(as.url(`https://docs.example/${i}.json`), `198.51.100.${i}`);
    assert.equal(as.outside.requests.length, 20);
  });

  test("in all, 100 new URLs are asked for at once, whoever asks for whichever host", async (t) => {
    const as = await startClients(t);
    const hosts = ["docs.example", "other.example", "claude.ai", "chatgpt.com", "vscode.dev", "opencode.ai"];
    const startedMs = performance.now();
    // A few at a time, so that a slow machine does not run into the time that each may take.
    for (let from = 0; from < 120; from += 12) {
      const urls = Array.from({ length: 12 }, (_, i) => as.url(`https://${hosts[i % 6]}/${from + i}.json`));
      await Promise.all(urls.map((url, i) => as.directory.find(url, `198.51.100.${from + i}`)));
    }
    // Ten more become free each second.
    const most = 101 + Math.ceil((performance.now() - startedMs) / 100);
    assert.ok(as.outside.requests.length >= 100 && as.outside.requests.length <= most, `${as.outside.requests.length} of ${most}`);
  });
});

describe("keys of clients that sign assertions", () => {
  const SIGNS = { token_endpoint_auth_method: "private_key_jwt", jwks_uri: KEYS };

  test("keys at a URL are fetched with the same care, checked, and never left to the engine", async (t) => {
    const as = await startClients(t);
    as.pages.set(KEYS, { body: { keys: [{ ...EC, kid: "a", alg: "ES256", x5u: "https://evil.example" }] } });
    const row = await as.directory.find(publish(as, SIGNS), ADDRESS);
    assert.equal(row?.auth_method, "private_key_jwt");
    const { jwks, ...engine } = toEngineMetadata(row);
    assert.deepEqual(jwks, { keys: [{ kty: "EC", kid: "a", alg: "ES256", crv: "P-256", x: EC.x, y: EC.y }] });
    assert.ok(!("jwks_uri" in engine));
    assert.equal(as.outside.requests.length, 2);
  });

  const unusable: [string, Page][] = [
    ["T10: a weak key", { body: { keys: [WEAK] } }],
    ["T10: a private key", { body: { keys: [PRIVATE] } }],
    [
      "T10: a weak key among sound ones",
      {
        body: {
          keys: [
            { ...EC, kid: "a" },
            { ...WEAK, kid: "b" },
          ],
        },
      },
    ],
    [
      "T10: one kid for two keys",
      {
        body: {
          keys: [
            { ...EC, kid: "a" },
            { ...EC, kid: "a" },
          ],
        },
      },
    ],
    ["no keys", { body: { keys: [] } }],
    ["another type", { body: { keys: [EC] }, headers: { "content-type": "text/plain" } }],
    ["a redirect", { body: "", status: 301, headers: { location: "https://docs.example/client.json" } }],
    ["too much", { body: { keys: [EC], padding: "x".repeat(70_000) } }],
  ];
  for (const [title, page] of unusable) {
    test(`a client that names a method with keys is not let in without them: ${title}`, async (t) => {
      const as = await startClients(t);
      as.pages.set(KEYS, page);
      const id = publish(as, { ...SIGNS, token_endpoint_auth_methods_supported: ["private_key_jwt", "none"] });
      for (let i = 0; i < 3; i++) assert.equal(await as.directory.find(id, ADDRESS), undefined);
      assert.equal(as.outside.requests.length, 2);
    });
  }

  test("T27: keys at an address inside are not asked for", async (t) => {
    const as = await startClients(t);
    for (const jwksUri of [
      "https://127.0.0.1:PORT/jwks",
      "https://localhost:PORT/jwks",
      "https://169.254.169.254/jwks",
      "http://docs.example:PORT/jwks",
    ]) {
      const id = publish(as, { ...SIGNS, jwks_uri: jwksUri.replace("PORT", String(as.outside.port)) });
      assert.equal(await as.directory.find(id, ADDRESS), undefined);
      as.advance(61_000);
    }
    assert.deepEqual([...new Set(as.outside.requests)], [`docs.example:${as.outside.port} /client.json`]);
  });

  test("keys that were changed take effect when the old ones are no longer fresh, though the document is", async (t) => {
    const as = await startClients(t);
    const id = publish(as, SIGNS, { headers: { "cache-control": "max-age=86400" } });
    const kidOf = async (): Promise<unknown> => JSON.parse((await as.directory.find(id, ADDRESS))?.jwks ?? "{}").keys?.[0].kid;
    as.pages.set(KEYS, { body: { keys: [{ ...EC, kid: "old" }] }, headers: { "cache-control": "max-age=60" } });
    assert.equal(await kidOf(), "old");
    as.pages.set(KEYS, { body: { keys: [{ ...EC, kid: "new" }] } });
    assert.equal(await kidOf(), "old");
    as.advance(61_000);
    assert.equal(await kidOf(), "new");
  });
});

describe("what the server itself holds about a client with a document", () => {
  test("its stored row adds policy, and disables it without a fetch", async (t) => {
    const as = await startClients(t);
    const id = publish(as);
    const row = await as.directory.find(id, ADDRESS);
    assert.ok(row !== undefined);
    await as.store.clients.create({ ...row, name: "Old name", scopes: "org:read", created_at: 5 });
    const found = await as.directory.find(id, ADDRESS);
    assert.deepEqual([found?.name, found?.scopes, found?.created_at], ["Reporter", "org:read", 5]);
    await as.store.clients.disable(id, 6);
    assert.equal(await as.directory.find(id, ADDRESS), undefined);
    assert.equal(as.outside.requests.length, 1);
  });
});
