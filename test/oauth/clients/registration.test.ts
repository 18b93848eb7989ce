import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { createLimiter } from "../../../src/lib/limiter.ts";
import { registerClient, toEngineMetadata } from "../../../src/oauth/issuer/clients/index.ts";
import { problemOf, startClients, type Clients } from "./support/directory.ts";

const ADDRESS = "203.0.113.7";
const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
const EC = key.publicKey.export({ format: "jwk" });
const WEAK = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
const PUBLIC = { client_name: "Reporter", redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

type Metadata = Readonly<Record<string, unknown>>;

async function register(as: Clients, change: Metadata = {}): Promise<Metadata> {
  return registerClient(as.registration, { ...PUBLIC, ...change }, ADDRESS);
}

test("a registration is answered with what was kept of it, and stored without a secret in clear", async (t) => {
  const as = await startClients(t);
  const answer = await register(as, {
    token_endpoint_auth_method: "client_secret_post",
    application_type: "web",
    software_id: "x",
    contacts: ["a@b.example"],
  });
  const { client_id: id, client_secret: secret, client_id_issued_at: issuedAt, ...rest } = answer;
  assert.match(String(id), /^cl_[0-9a-z]{26}$/);
  assert.match(String(secret), /^[A-Za-z0-9_-]{43}$/);
  assert.ok(Math.abs(Number(issuedAt) - Date.now() / 1000) < 5);
  assert.deepEqual(rest, {
    client_secret_expires_at: 0,
    client_name: "Reporter",
    redirect_uris: ["https://app.example/cb"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "web",
    token_endpoint_auth_method: "client_secret_post",
    software_id: "x",
  });
  const row = await as.store.clients.find(String(id));
  assert.deepEqual(
    [row?.kind, row?.workspace_id, row?.scopes, row?.grant_id, row?.auth_method, row?.may_introspect],
    ["registered", null, null, null, "client_secret", 0],
  );
  assert.ok(as.registration.secrets.isMatch(String(secret), row?.secret_hash ?? ""));
  assert.ok(!JSON.stringify([await as.store.clients.list(), as.events]).includes(String(secret)));
  assert.deepEqual(as.events, [
    { event: "client_registered", clientId: id, name: "Reporter", redirectHosts: ["app.example"], address: ADDRESS },
  ]);
});

test("a public client gets no secret; one with keys gets none either", async (t) => {
  const as = await startClients(t);
  assert.ok(!("client_secret" in (await register(as))));
  const signs = await register(as, { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [EC] } });
  assert.deepEqual([signs.client_secret, signs.jwks], [undefined, { keys: [{ kty: "EC", crv: "P-256", x: EC.x, y: EC.y }] }]);
  const row = await as.directory.find(String(signs.client_id));
  assert.deepEqual([row?.auth_method, row?.secret_hash], ["private_key_jwt", null]);
});

describe("T26: a client that registers itself gets no power by it", () => {
  test("T26: no grant without a person is kept, whatever is asked for", async (t) => {
    const as = await startClients(t);
    const asked = [
      "authorization_code",
      "refresh_token",
      "client_credentials",
      "password",
      "implicit",
      "urn:ietf:params:oauth:grant-type:token-exchange",
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
      "urn:remit:introspection",
      DEVICE,
    ];
    const answer = await register(as, { grant_types: asked, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [EC] } });
    assert.deepEqual(answer.grant_types, ["authorization_code", "refresh_token", DEVICE]);
    const row = await as.store.clients.find(String(answer.client_id));
    assert.ok(row !== undefined);
    assert.deepEqual(
      toEngineMetadata(row).grant_types.filter((grant) => !grant.startsWith("urn:remit:")),
      ["authorization_code", "refresh_token", DEVICE],
    );
  });

  test("T26: members that look like policy are not kept", async (t) => {
    const as = await startClients(t);
    const policy = {
      allowed_scopes: ["org:write"],
      scopes: "org:write",
      may_introspect: 1,
      challenge: "in_band",
      workspace_id: "wks_1",
      grant_id: "gr_1",
      kind: "operator",
      client_id: "cl_mine",
      client_secret: "mine",
      id: "cl_mine",
      disabled_at: null,
      __proto__: { kind: "operator" },
    };
    const answer = await register(as, { ...policy, scope: "org:write nothing offline_access org:write" });
    assert.equal(answer.scope, "org:write");
    const row = await as.store.clients.find(String(answer.client_id));
    assert.deepEqual([row?.kind, row?.scopes, row?.may_introspect, row?.workspace_id, row?.grant_id], ["registered", null, 0, null, null]);
    assert.equal(row?.challenge, "http");
    assert.deepEqual(Object.keys(JSON.parse(row?.metadata ?? "")), [
      "redirect_uris",
      "grant_types",
      "response_types",
      "application_type",
      "token_endpoint_auth_method",
    ]);
    assert.ok(answer.client_id !== "cl_mine" && answer.client_secret === undefined);
  });

  const scopes: [string, unknown, unknown][] = [
    ["an empty one", "", ""],
    ["one with a space before it", " offline_access", ""],
    ["known and unknown ones", "org:read nothing", "org:read"],
    ["none", undefined, undefined],
    ["null", null, undefined],
  ];
  for (const [title, scope, expected] of scopes) {
    test(`T26: a scope is no reason to refuse: ${title}`, async (t) =>
      assert.equal((await register(await startClients(t), { scope })).scope, expected));
  }
});

describe("T26: what is refused, with the member that is wrong", () => {
  const refused: [string, unknown, RegExp][] = [
    ["no object", [PUBLIC], /^400 invalid_client_metadata: send a JSON object/],
    ["nothing", null, /^400 invalid_client_metadata: send a JSON object/],
    ["no redirect URIs", { client_name: "x" }, /^400 invalid_redirect_uri: redirect_uris: give at least one/],
    [
      "21 redirect URIs",
      { redirect_uris: Array.from({ length: 21 }, (_, i) => `https://app.example/${i}`) },
      /invalid_redirect_uri: redirect_uris: give at most 20, not 21/,
    ],
    [
      "a long redirect URI",
      { redirect_uris: [`https://app.example/${"x".repeat(2048)}`] },
      /invalid_redirect_uri: redirect_uris: number 1 is longer than 2048/,
    ],
    [
      "one bad redirect URI",
      { redirect_uris: ["https://app.example/", "javascript:alert(1)"] },
      /invalid_redirect_uri: redirect_uris: number 2 has a scheme/,
    ],
    ["http elsewhere", { redirect_uris: ["http://app.example/cb"] }, /invalid_redirect_uri: redirect_uris: number 1 uses http; use https/],
    ["redirect URIs that are no texts", { redirect_uris: [1] }, /invalid_redirect_uri: redirect_uris: is not of the type/],
    [
      "an app's scheme beside https on localhost",
      { redirect_uris: ["app.example:/cb", "https://localhost/cb"] },
      /invalid_redirect_uri: redirect_uris: a scheme of an app and https on localhost/,
    ],
    [
      "only grants without a person",
      { ...PUBLIC, grant_types: ["client_credentials"] },
      /invalid_client_metadata: grant_types: .*ask the operator/,
    ],
    ["only refreshing", { ...PUBLIC, grant_types: ["refresh_token"] }, /invalid_client_metadata: grant_types/],
    [
      "grants that are a text",
      { ...PUBLIC, grant_types: "authorization_code" },
      /invalid_client_metadata: grant_types: is not of the type/,
    ],
    ["another response type", { ...PUBLIC, response_types: ["token"] }, /invalid_client_metadata: response_types/],
    [
      "an unknown method",
      { ...PUBLIC, token_endpoint_auth_method: "tls_client_auth" },
      /invalid_client_metadata: token_endpoint_auth_method: use one of none, /,
    ],
    [
      "a method with a shared key",
      { ...PUBLIC, token_endpoint_auth_method: "client_secret_jwt" },
      /token_endpoint_auth_method: use one of/,
    ],
    [
      "assertions without keys",
      { ...PUBLIC, token_endpoint_auth_method: "private_key_jwt" },
      /token_endpoint_auth_method: private_key_jwt needs jwks or jwks_uri/,
    ],
    [
      "T10: a weak key",
      { ...PUBLIC, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [WEAK] } },
      /invalid_client_metadata: jwks: key 1: its modulus has 1024 bits/,
    ],
    [
      "T10: a private key",
      { ...PUBLIC, jwks: { keys: [key.privateKey.export({ format: "jwk" })] } },
      /invalid_client_metadata: jwks: key 1: it contains private members/,
    ],
    [
      "keys in two places",
      { ...PUBLIC, jwks: { keys: [EC] }, jwks_uri: "https://docs.example/jwks" },
      /invalid_client_metadata: jwks_uri: give jwks or jwks_uri, not both/,
    ],
    ["keys over http", { ...PUBLIC, jwks_uri: "http://docs.example/jwks" }, /invalid_client_metadata: jwks_uri: is no https URL/],
    ["a software statement", { ...PUBLIC, software_statement: "e30.e30." }, /^400 unapproved_software_statement: software_statement/],
  ];
  for (const [title, body, expected] of refused) {
    test(`T26: refused: ${title}`, async (t) => {
      const as = await startClients(t);
      assert.match(await problemOf(registerClient(as.registration, body, ADDRESS)), expected);
      assert.deepEqual([(await as.store.clients.list()).length, as.events.length, as.outside.connections()], [0, 0, 0]);
    });
  }

  test("T10: keys at a URL are looked at when the client registers, and not inside", async (t) => {
    const as = await startClients(t);
    const jwksUri = as.url("https://docs.example/jwks");
    const signs = { token_endpoint_auth_method: "private_key_jwt", jwks_uri: jwksUri };
    for (const body of [{ keys: [WEAK] }, { keys: [] }, "no JSON"]) {
      as.pages.set("https://docs.example/jwks", { body });
      assert.match(await problemOf(register(as, signs)), /invalid_client_metadata: jwks_uri: is not the public address of a JWK Set/);
    }
    const before = as.outside.connections();
    assert.match(
      await problemOf(register(as, { ...signs, jwks_uri: `https://127.0.0.1:${as.outside.port}/jwks` })),
      /jwks_uri: is not the public address/,
    );
    assert.equal(as.outside.connections(), before);
    as.pages.set("https://docs.example/jwks", { body: { keys: [EC] } });
    const row = await as.directory.find(String((await register(as, signs)).client_id));
    assert.match(row?.jwks ?? "", /P-256/);
  });
});

describe("T26: registrations are bounded", () => {
  test("T26: registration that is switched off says how else to become a client", async (t) => {
    const as = await startClients(t);
    assert.match(
      await problemOf(registerClient({ ...as.registration, isEnabled: false }, PUBLIC, ADDRESS)),
      /^403 access_denied: .*client ID metadata document/,
    );
  });

  test("T26: one network can try only so often, however many addresses it has; others can", async (t) => {
    const as = await startClients(t);
    const registration = { ...as.registration, limiter: createLimiter({ perSecond: 1 / 30, burst: 5, now: as.registration.now }) };
    const attempts = async (address: string): Promise<string> =>
      (await problemOf(registerClient(registration, PUBLIC, address))).slice(0, 3);
    const answers = [];
    for (let i = 0; i < 8; i++) answers.push(await attempts(`2001:db8:1:1::${i}`));
    assert.deepEqual(answers, ["non", "non", "non", "non", "non", "429", "429", "429"]);
    assert.equal(await attempts("2001:db8:1:2::1"), "non");
  });

  test("T26: 10,000 registrations leave no more clients than are allowed; unused ones make room after an hour, used ones stay", async (t) => {
    const as = await startClients(t);
    const registration = {
      ...as.registration,
      maxClients: 20,
      limiter: createLimiter({ perSecond: 1e6, burst: 1e6, now: as.registration.now }),
    };
    const used = String((await registerClient(registration, PUBLIC, ADDRESS)).client_id);
    await as.store.clients.touch(used, as.registration.now());
    const answers = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const answer = (await problemOf(registerClient(registration, PUBLIC, ADDRESS))).slice(0, 3);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    assert.deepEqual(
      [...answers],
      [
        ["non", 19],
        ["503", 9981],
      ],
    );
    assert.equal(await as.store.clients.countRegistered(), 20);
    as.advance(3_600_001);
    await registerClient(registration, PUBLIC, ADDRESS);
    assert.equal(await as.store.clients.countRegistered(), 2);
    assert.ok((await as.store.clients.find(used)) !== undefined);
  });

  test("T26: no client is made when that cannot be put on record", async (t) => {
    const as = await startClients(t);
    const registration = { ...as.registration, onEvent: async () => Promise.reject(new Error("the disk is full")) };
    await assert.rejects(registerClient(registration, PUBLIC, ADDRESS), /the disk is full/);
    assert.equal(await as.store.clients.countRegistered(), 0);
  });
});

describe("names that strangers choose", () => {
  const names: [string, unknown, string][] = [
    ["a plain one", "Claude Code (Remit)", "Claude Code (Remit)"],
    ["one that shows reversed", "evil\u202Eedualc", "eviledualc"],
    ["zero-width characters", "Cla\u200bude\ufeff", "Claude"],
    ["tags that only a model reads", `Claude${String.fromCodePoint(0xe0041, 0xe0042)}`, "Claude"],
    ["lines and tabs", " a\r\n\tb  c ", "a b c"],
    ["terminal escapes", "\u001b[31mred", "[31mred"],
    ["a long one", "x".repeat(500), "x".repeat(80)],
    ["one that ends with a wide character", `${"x".repeat(79)}😀😀`, `${"x".repeat(79)}😀`],
    ["markup", "<b>x</b>", "<b>x</b>"],
    ["nothing to see", "\u200b\u200d", "Unnamed client"],
    ["none", undefined, "Unnamed client"],
    ["a number", 7, "Unnamed client"],
  ];
  for (const [title, name, expected] of names)
    test(`what is kept of ${title}`, async (t) =>
      assert.equal((await register(await startClients(t), { client_name: name })).client_name, expected));
});
