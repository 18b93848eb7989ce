import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { generateKeyPair, SignJWT } from "jose";
import { createGuardedFetch } from "../../../src/lib/guarded-fetch.ts";
import type { GrantDeps, TokenAnswer } from "../../../src/oauth/issuer/grants/index.ts";
import type { ClientRow } from "../../../src/store/index.ts";
import {
  ALL,
  createSite,
  decode,
  ISSUER,
  JWT_BEARER,
  outcome,
  RESOURCE,
  settle,
  withLatency,
  WORKSPACE,
  type Asking,
  type Params,
  type Site,
} from "./support.ts";
import { startProvider, type IdentityProvider } from "./identity-provider.ts";

describe("assertions of an identity provider", () => {
  let site: Site;
  let provider: IdentityProvider;
  let agent: ClientRow;
  let accountId: string;
  let configured: Partial<GrantDeps>;
  const email = "ada@example.com";
  const cleanups: (() => unknown)[] = [];
  const context = { after: (fn?: unknown) => void cleanups.push(fn as () => unknown) };
  const claims = () => ({ sub: "person-1", aud: ISSUER, resource: RESOURCE, client_id: agent.id, email, email_verified: true });
  before(async () => {
    site = await createSite(context);
    provider = await startProvider(context, { claims, now: () => site.now() });
    agent = await site.agent("env:write org:read");
    accountId = await site.person("member", { email });
    configured = configure(provider);
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  function configure({ issuer, host }: IdentityProvider): Partial<GrantDeps> {
    return { enterprise: { issuer, jwksUri: undefined }, fetch: createGuardedFetch({ allowedHosts: [host] }) };
  }
  const present = (
    assertion: string | undefined,
    params: Params = {},
    { by = agent, ...more }: Asking & { by?: ClientRow } = {},
  ): Promise<TokenAnswer> => site.ask(by, JWT_BEARER, { assertion, ...params }, { ...more, deps: { ...configured, ...more.deps } });

  test("an assertion gives a token for the person, on a grant of the client, without a refresh token", async () => {
    const { access_token, ...shown } = await present(await provider.assertion());
    assert.deepEqual(shown, { token_type: "Bearer", expires_in: 900, scope: "env:write org:read" });
    const { sub, client_id, gid, fid } = decode(access_token).claims;
    assert.deepEqual([sub, client_id, fid], [accountId, agent.id, undefined]);
    const grant = await site.store.grants.find(String(gid));
    assert.deepEqual([grant?.kind, grant?.workspace_id, grant?.scopes], ["enterprise", WORKSPACE, "env:write org:read"]);
    assert.ok(await site.verify(access_token));
    assert.deepEqual(
      site.events.map(({ event }) => event),
      ["identity_linked", "enterprise_granted", "token_issued"],
    );
  });

  test("the person is known by the provider's subject from then on, whatever the address", async () => {
    const answer = await present(await provider.assertion({ email: "other@example.com" }));
    assert.equal(decode(answer.access_token).claims["sub"], accountId);
  });

  test("T16: of 50 parallel uses of an assertion one succeeds", async () => {
    const assertion = await provider.assertion();
    const deps = { store: withLatency(site.store) };
    const { won, errors } = await settle(Array.from({ length: 50 }, () => present(assertion, {}, { deps })));
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(errors), new Set(["invalid_grant"]));
  });

  test("T16: an assertion stays used until nobody would accept it any more", async () => {
    const assertion = await provider.assertion();
    await present(assertion);
    for (const seconds of [1, 200, 120]) {
      site.advance(seconds);
      await site.store.oidcPayloads.sweep(site.now());
      assert.equal(await outcome(present(assertion)), "invalid_grant");
    }
  });

  test("of any number of first assertions at once all stand on one grant and one identity", async () => {
    const client = await site.agent(ALL);
    const other = await site.person("admin", { email: "grace@example.com" });
    const assertions = await Promise.all(
      Array.from({ length: 20 }, () => provider.assertion({ sub: "person-2", email: "Grace@Example.com", client_id: client.id })),
    );
    const deps = { store: withLatency(site.store) };
    const answers = await Promise.all(assertions.map((assertion) => present(assertion, {}, { by: client, deps })));
    const grants = new Set(answers.map(({ access_token }) => decode(access_token).claims["gid"]));
    assert.equal(grants.size, 1);
    const rows = await site.store.db
      .selectFrom("access_grant")
      .selectAll()
      .where("kind", "=", "enterprise")
      .where("subject", "=", other)
      .execute();
    assert.equal(rows.length, 1);
    assert.equal((await site.store.db.selectFrom("identity").selectAll().where("account_id", "=", other).execute()).length, 1);
  });

  test("a grant that was revoked stays so; the next assertion makes another", async () => {
    const first = await present(await provider.assertion());
    const gid = String(decode(first.access_token).claims["gid"]);
    await site.verifier.revoke("grant", gid);
    assert.equal(await site.verify(first.access_token), undefined);
    const second = await present(await provider.assertion());
    assert.notEqual(decode(second.access_token).claims["gid"], gid);
    assert.ok(await site.verify(second.access_token));
  });

  const scopes: [title: string, asked: string | undefined, asserted: string | undefined, expected: string][] = [
    ["neither is all of policy and role", undefined, undefined, "env:write org:read"],
    ["only asserted", undefined, "env:read org:write", "env:read org:read"],
    ["only asked for", "org:read", undefined, "org:read"],
    ["both", "env:read org:read", "env:write", "env:read"],
    ["nothing in common", "org:read", "env:write", "error invalid_scope"],
    ["asked for beyond the policy", "org:write", undefined, "error invalid_scope"],
    ["asserted nothing", undefined, "", "error invalid_scope"],
  ];
  for (const [title, asked, asserted, expected] of scopes) {
    test(`T15: a token holds what was asked for, asserted, and is within policy and role: ${title}`, async () => {
      const answer = await outcome(present(await provider.assertion(asserted === undefined ? {} : { scope: asserted }), { scope: asked }));
      assert.equal(typeof answer === "string" ? `error ${answer}` : answer.scope, expected);
    });
  }

  test("a role that changes changes what the next token holds", async () => {
    const client = await site.agent(ALL);
    const other = await site.person("viewer", { email: "role@example.com" });
    const ask = async () =>
      (await present(await provider.assertion({ sub: "role", email: "role@example.com", client_id: client.id }), {}, { by: client })).scope;
    assert.equal(await ask(), "env:read org:read");
    await site.store.db.updateTable("member").set({ role: "admin" }).where("account_id", "=", other).execute();
    assert.equal(await ask(), "env:read env:write org:read org:write");
  });

  const now = (): number => Math.floor(site.now() / 1000);
  const refused: [title: string, change: () => Record<string, unknown>, header?: Record<string, unknown>][] = [
    ["T08: another typ", () => ({}), { typ: "JWT" }],
    ["T08: an access token's typ", () => ({}), { typ: "at+jwt" }],
    ["T05: a key of its own", () => ({}), { jwk: { kty: "EC", crv: "P-256", x: "x", y: "y" } }],
    ["T04: an unknown key", () => ({}), { kid: "k99" }],
    ["T11: another issuer", () => ({ iss: "https://idp.example" })],
    ["T16: another audience", () => ({ aud: RESOURCE })],
    ["T16: more than one audience", () => ({ aud: [ISSUER, "https://other.example"] })],
    ["T16: the token endpoint as audience", () => ({ aud: `${ISSUER}/token` })],
    ["no audience", () => ({ aud: undefined })],
    ["another resource", () => ({ resource: "https://other.example/mcp" })],
    ["no resource", () => ({ resource: undefined })],
    ["T16: another client", () => ({ client_id: "cl_other" })],
    ["no client", () => ({ client_id: undefined })],
    ["no subject", () => ({ sub: undefined })],
    ["no jti", () => ({ jti: undefined })],
    ["no end", () => ({ exp: undefined })],
    ["an end in a text", () => ({ exp: String(now() + 60) })],
    ["T16: a life beyond five minutes", () => ({ exp: now() + 302 })],
    ["expired, beyond the leeway", () => ({ iat: now() - 100, exp: now() - 31 })],
    ["from the future", () => ({ iat: now() + 40, exp: now() + 100 })],
    ["not good yet", () => ({ nbf: now() + 40 })],
    ["a scope that is no text", () => ({ scope: ["env:read"] })],
    ["nobody's subject and address", () => ({ sub: "x", email: "nobody@example.com" })],
    ["an address that is not verified", () => ({ sub: "x", email: "bob@example.com", email_verified: false })],
    ["an address that is said to be verified in a text", () => ({ sub: "x", email: "bob@example.com", email_verified: "true" })],
    ["an address whose account is another subject's", () => ({ sub: "person-9" })],
  ];
  test("the cases that follow fail for their one reason", async () => {
    await site.person("member", { email: "bob@example.com" });
    assert.ok((await present(await provider.assertion())).access_token);
  });
  for (const [title, change, header] of refused) {
    test(`refused with invalid_grant: ${title}`, async () => {
      const before = site.events.length;
      assert.equal(await outcome(present(await provider.assertion(change(), header))), "invalid_grant");
      assert.equal(site.events.length, before);
    });
  }

  test("T02 T03: an assertion that the provider did not sign is refused with invalid_grant", async () => {
    const good = await provider.assertion();
    const [head = "", body = "", signature = ""] = good.split(".");
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { privateKey } = await generateKeyPair("ES256");
    const forged = await new SignJWT({ ...decode(good).claims, jti: randomUUID() })
      .setProtectedHeader({ ...decode(good).header, alg: "ES256" })
      .sign(privateKey);
    const secret = await new SignJWT({ ...decode(good).claims, jti: randomUUID() })
      .setProtectedHeader({ ...decode(good).header, alg: "HS256" })
      .sign(new TextEncoder().encode("k".repeat(32)));
    const unsigned = `${encode({ alg: "none", typ: "oauth-id-jag+jwt" })}.${body}.`;
    const changed = `${head}.${encode({ ...decode(good).claims, sub: "person-2" })}.${signature}`;
    for (const assertion of [forged, secret, unsigned, changed, `${head}.${body}`, "x"])
      assert.equal(await outcome(present(assertion)), "invalid_grant");
    assert.ok((await present(good)).access_token);
  });

  const others: [title: string, error: string, act: () => Promise<unknown>][] = [
    ["no assertion", "invalid_request", () => present(undefined)],
    [
      "another resource in the request",
      "invalid_target",
      async () => present(await provider.assertion(), { resource: "https://other.example" }),
    ],
    [
      "no provider is configured",
      "unsupported_grant_type",
      async () => present(await provider.assertion(), {}, { deps: { enterprise: undefined } }),
    ],
    [
      "a client that proves nothing",
      "unauthorized_client",
      async () => {
        const by = await site.client();
        return present(await provider.assertion({ client_id: by.id }), {}, { by });
      },
    ],
    [
      "the account was disabled",
      "invalid_grant",
      async () => {
        const id = await site.person("member", { email: "gone@example.com" });
        await site.store.db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", id).execute();
        return present(await provider.assertion({ sub: "gone", email: "gone@example.com" }));
      },
    ],
    [
      "the person is no member of the client's workspace",
      "invalid_grant",
      async () => {
        await site.store.db.insertInto("workspace").values({ id: "wks_else", name: "Other", created_at: 1 }).execute();
        await site.person("member", { email: "else@example.com", workspaceId: "wks_else" });
        return present(await provider.assertion({ sub: "else", email: "else@example.com" }));
      },
    ],
  ];
  for (const [title, error, act] of others) {
    test(`refused with ${error}: ${title}`, async () => {
      assert.equal(await outcome(act()), error);
    });
  }

  test("a client with a document acts in the one workspace of the person, and its row is kept", async () => {
    const id = "https://app.example/client.json";
    const by: ClientRow = { ...(await site.client()), id, kind: "document", auth_method: "private_key_jwt" };
    const { access_token } = await present(await provider.assertion({ client_id: id }), {}, { by });
    assert.equal((await site.verify(access_token))?.workspaceId, WORKSPACE);
    assert.equal((await site.store.clients.find(id))?.kind, "document");
  });

  test("T04: keys are read once, again for an unknown one, and not more often than every 30 seconds", async () => {
    const own = await startProvider(context, { claims, now: () => site.now() });
    const deps = configure(own);
    await site.person("member", { email: "keys@example.com" });
    const use = async (header?: Record<string, unknown>) =>
      outcome(present(await own.assertion({ sub: "keys", email: "keys@example.com" }, header), {}, { deps }));
    for (let i = 0; i < 2; i++) assert.equal(typeof (await use()), "object");
    const looked = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/keys"];
    assert.deepEqual(own.requests, looked);
    for (let i = 0; i < 20; i++) assert.equal(await use({ kid: `unknown-${i}` }), "invalid_grant");
    assert.deepEqual(own.requests, looked);
    await own.rotate();
    site.advance(31);
    assert.equal(typeof (await use()), "object");
    assert.deepEqual(own.requests, [...looked, ...looked]);
  });

  test("T67: while the provider's keys cannot be had the answer is temporarily_unavailable, and with keys from before all goes on", async () => {
    const own = await startProvider(context, { claims, now: () => site.now() });
    const deps = configure(own);
    await site.person("member", { email: "outage@example.com" });
    const use = async () => outcome(present(await own.assertion({ sub: "outage", email: "outage@example.com" }), {}, { deps }));
    own.fail(500);
    assert.equal(await use(), "temporarily_unavailable");
    own.fail(200);
    site.advance(31);
    assert.equal(typeof (await use()), "object");
    own.fail(500);
    site.advance(700);
    assert.equal(typeof (await use()), "object");
  });

  test("T04: a key that the provider withdrew is good for at most some minutes more, also when nobody asked in between", async () => {
    const own = await startProvider(context, { claims, now: () => site.now() });
    const deps = configure(own);
    await site.person("member", { email: "withdrawn@example.com" });
    const use = async (header = {}) =>
      outcome(present(await own.assertion({ sub: "withdrawn", email: "withdrawn@example.com" }, header), {}, { deps }));
    assert.equal(typeof (await use()), "object");
    own.withdraw();
    site.advance(600);
    assert.equal(await use(), "invalid_grant");
  });

  test("a provider whose metadata names another issuer is not believed", async () => {
    const own = await startProvider(context, { claims, now: () => site.now(), shownIssuer: "https://idp.example" });
    assert.equal(await outcome(present(await own.assertion(), {}, { deps: configure(own) })), "temporarily_unavailable");
    assert.deepEqual(own.requests, ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]);
  });
});
