import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { Provider, type Adapter } from "oidc-provider";
import { isRedirectUriAllowed, registerClient, toEngineMetadata } from "../../../src/oauth/issuer/clients/index.ts";
import type { ClientRow } from "../../../src/store/index.ts";
import { startClients } from "./support/directory.ts";
import { DOCUMENTS, REGISTRATIONS } from "./support/real-clients.ts";

const GRANTS = [
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
  "urn:ietf:params:oauth:grant-type:token-exchange",
  "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "urn:remit:introspection",
  "urn:remit:revocation",
  "urn:remit:device_authorization",
];

/** The client as the engine makes it; it throws for metadata that it does not take. */
async function inEngine(row: ClientRow): Promise<InstanceType<Provider["Client"]>> {
  const adapter: Partial<Adapter> = { find: async () => toEngineMetadata(row) };
  const provider = new Provider("https://as.example", {
    adapter: () => adapter as Adapter,
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    enabledJWA: { clientAuthSigningAlgValues: ["ES256", "RS256"] },
    features: { devInteractions: { enabled: false } },
    jwks: { keys: [generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" })] as never },
    responseTypes: ["code"],
    scopes: [],
  });
  for (const grant of GRANTS) provider.registerGrantType(grant, () => {});
  const client = await provider.Client.find(row.id);
  assert.ok(client !== undefined);
  return client;
}

describe("clients that register themselves, as they do in the wild", () => {
  for (const { client, metadata, redirectUri, type, method = "none" } of REGISTRATIONS) {
    test(`${client} can register, and the engine takes it`, async (t) => {
      const as = await startClients(t);
      const answer = await registerClient(as.registration, metadata, "203.0.113.7");
      assert.deepEqual(
        [answer.application_type, answer.token_endpoint_auth_method, answer.redirect_uris],
        [type, method, metadata.redirect_uris],
      );
      assert.equal("client_secret" in answer, method.startsWith("client_secret"));
      const row = await as.directory.find(String(answer.client_id));
      assert.ok(row !== undefined);
      const { redirectUris = [], grantTypes = [] } = await inEngine(row);
      assert.ok(isRedirectUriAllowed(redirectUris, redirectUri));
      assert.ok(
        grantTypes.includes("authorization_code") && grantTypes.includes("refresh_token") && !grantTypes.includes("client_credentials"),
      );
    });
  }
});

describe("clients with a metadata document, as they are in the wild", () => {
  const keys = {
    keys: [
      { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }), kid: "a", use: "sig", alg: "RS256" },
    ],
  };
  for (const { client, id, metadata, redirectUri, type, method = "none" } of DOCUMENTS) {
    test(`${client} is known by its document, and the engine takes it`, async (t) => {
      const as = await startClients(t);
      as.pages.set(id, { body: { client_id: id, ...metadata } });
      if (typeof metadata.jwks_uri === "string") as.pages.set(metadata.jwks_uri, { body: keys });
      const row = await as.directory.find(id, "203.0.113.7");
      assert.ok(row !== undefined, as.logLines.join());
      assert.deepEqual([row.id, row.kind, row.auth_method, JSON.parse(row.metadata).application_type], [id, "document", method, type]);
      const { redirectUris = [], grantTypes = [], jwks } = await inEngine(row);
      assert.ok(isRedirectUriAllowed(redirectUris, redirectUri));
      assert.equal(grantTypes.includes("urn:ietf:params:oauth:grant-type:jwt-bearer"), method === "private_key_jwt");
      assert.ok(!grantTypes.includes("client_credentials") && !grantTypes.includes("urn:ietf:params:oauth:grant-type:token-exchange"));
      assert.equal(jwks?.keys.length, method === "private_key_jwt" ? 1 : undefined);
    });
  }
});

describe("clients that an operator made", () => {
  const ROW: ClientRow = {
    id: "cl_1",
    kind: "operator",
    workspace_id: "wks_1",
    name: "Reporter",
    auth_method: "client_secret",
    secret_hash: "ab".repeat(32),
    jwks: null,
    scopes: "org:read",
    grant_id: "gr_1",
    metadata: "{}",
    may_introspect: 0,
    created_by: null,
    challenge: "http",
    created_at: 1,
    used_at: null,
    disabled_at: null,
  };
  const people = { metadata: JSON.stringify({ redirect_uris: ["https://app.example/cb"] }) };
  const [withPeople, alone] = [
    ["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    ["urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
  ];
  const cases: [string, Partial<ClientRow>, string[]][] = [
    ["an agent", {}, [...withPeople, "client_credentials", ...alone]],
    ["a client with a secret that people sign in with", people, ["authorization_code", ...withPeople, ...alone]],
    ["a public client", { ...people, auth_method: "none", secret_hash: null }, ["authorization_code", ...withPeople]],
    ["a public client without redirect URIs", { auth_method: "none", secret_hash: null }, withPeople],
    [
      "a registered client whose row says more than it may",
      { kind: "registered", metadata: JSON.stringify({ grant_types: ["client_credentials", "refresh_token"] }) },
      ["refresh_token"],
    ],
  ];
  for (const [title, change, expected] of cases) {
    test(`the grants of ${title} are these and the internal ones`, async () => {
      const { grantTypes = [] } = await inEngine({ ...ROW, ...change });
      assert.deepEqual([...grantTypes].sort(), [...expected, ...GRANTS.filter((grant) => grant.startsWith("urn:remit:"))].sort());
    });
  }
});
