import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { createAgent, toEngineMetadata, type CreatedAgent, type NewAgent } from "../../../src/oauth/issuer/clients/index.ts";
import { CATALOGUE, startClients, type Clients } from "./support/directory.ts";

const WORKSPACE = "wks_test";
const AGENT: NewAgent = { name: "Reporter", workspaceId: WORKSPACE, scopes: ["org:read"] };
const PEOPLE = { redirectUris: ["https://app.example/cb", "http://localhost/cb"] };
const keys = (): unknown => ({ keys: [generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })] });

async function make(t: TestContext, change: Partial<NewAgent>): Promise<{ as: Clients; made: CreatedAgent }> {
  const as = await startClients(t);
  await as.store.db.insertInto("workspace").values({ id: WORKSPACE, name: "Test", created_at: 1 }).execute();
  const made = await createAgent({ ...as.registration, store: as.store, scopes: CATALOGUE }, { ...AGENT, ...change });
  return { as, made };
}

describe("clients that an operator makes", () => {
  const cases: [string, Partial<NewAgent>, { method: string; isAlone: boolean; mayIntrospect?: number }][] = [
    ["an agent with a secret", {}, { method: "client_secret", isAlone: true }],
    ["an agent with keys", { jwks: keys() }, { method: "private_key_jwt", isAlone: true }],
    ["a resource server", { mayIntrospect: true }, { method: "client_secret", isAlone: true, mayIntrospect: 1 }],
    ["a client that people sign in with", PEOPLE, { method: "client_secret", isAlone: false }],
    ["a client with keys that people sign in with", { ...PEOPLE, jwks: keys() }, { method: "private_key_jwt", isAlone: false }],
    ["a public client that people sign in with", { ...PEOPLE, isPublic: true }, { method: "none", isAlone: false }],
  ];
  for (const [title, change, { method, isAlone, mayIntrospect = 0 }] of cases) {
    test(`${title} has the ${method} method and ${isAlone ? "can act alone" : "acts for people only"}`, async (t) => {
      const { as, made } = await make(t, change);
      assert.ok("clientId" in made, JSON.stringify(made));
      const row = await as.store.clients.find(made.clientId);
      assert.deepEqual(
        [row?.kind, row?.workspace_id, row?.scopes, row?.auth_method, row?.may_introspect],
        ["operator", WORKSPACE, "org:read", method, mayIntrospect],
      );
      assert.deepEqual(JSON.parse(row?.metadata ?? ""), change.redirectUris === undefined ? {} : { redirect_uris: change.redirectUris });
      assert.equal(made.clientSecret !== undefined, method === "client_secret");
      const grants = await as.store.db.selectFrom("access_grant").selectAll().execute();
      assert.deepEqual([grants.length, grants[0]?.id ?? null], [1, row?.grant_id]);
      assert.deepEqual([grants[0]?.kind, grants[0]?.subject, grants[0]?.client_id], ["standing", made.clientId, made.clientId]);
      assert.equal(row === undefined || toEngineMetadata(row).grant_types.includes("client_credentials"), isAlone);
      assert.deepEqual(
        as.events.map((event) => [event.event, "grantId" in event ? event.grantId : "none"]),
        [["agent_created", row?.grant_id]],
      );
    });
  }

  const refused: [string, Partial<NewAgent>, RegExp][] = [
    ["a public client that nobody signs in with", { isPublic: true }, /^redirectUris: a public client needs them/],
    ["a public client with keys", { ...PEOPLE, isPublic: true, jwks: keys() }, /^jwks: a public client has no keys/],
    ["no redirect URIs in a list for them", { redirectUris: [] }, /^redirectUris: give at least one or leave them out/],
    [
      "a redirect URI that runs script",
      { redirectUris: ["https://app.example/cb", "javascript:alert(1)"] },
      /^redirectUris: number 2 has a scheme/,
    ],
    ["http elsewhere", { redirectUris: ["http://app.example/cb"] }, /^redirectUris: number 1 uses http/],
  ];
  for (const [title, change, expected] of refused) {
    test(`no client is made from ${title}`, async (t) => {
      const { as, made } = await make(t, change);
      assert.ok("problems" in made);
      assert.match(made.problems.join("; "), expected);
      assert.deepEqual([(await as.store.clients.list()).length, as.events.length], [0, 0]);
    });
  }
});
