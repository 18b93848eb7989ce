import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { introspectToken, revokeToken } from "../../../src/oauth/issuer/grants/index.ts";
import type { ClientRow } from "../../../src/store/index.ts";
import { ALL, createSite, decode, ISSUER, outcome, RESOURCE, type Params, type Site, type SignedIn } from "./support.ts";

const INACTIVE = { active: false };

describe("revocation and introspection", () => {
  let site: Site;
  let resourceServer: ClientRow;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) });
    resourceServer = await site.agent("env:read", { may_introspect: 1 });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const revoke = (client: ClientRow, params: Params) => revokeToken(site.deps, { client, params, jkt: null, address: undefined });
  const introspect = (client: ClientRow, token: string) =>
    introspectToken(site.deps, { client, params: { token }, jkt: null, address: undefined });
  const refresh = ({ client, refreshToken }: SignedIn) => outcome(site.ask(client, "refresh_token", { refresh_token: refreshToken }));

  test("T12: a client revokes its access token, which ends at once and alone, on record", async () => {
    const signed = await site.signIn();
    const { access_token } = signed.tokens;
    const { jti } = decode(access_token).claims;
    await revoke(signed.client, { token: access_token, token_type_hint: "refresh_token" });
    assert.equal(await site.verify(access_token), undefined);
    const event = { event: "token_revoked", clientId: signed.client.id, grantId: signed.grant.id, kind: "token", value: jti };
    assert.deepEqual(site.events.at(-1), event);
    assert.equal(typeof (await refresh(signed)), "object");
  });

  test("T12: a client revokes its refresh token, used or not, with its family and their access tokens (A33)", async () => {
    for (const isUsed of [false, true]) {
      const signed = await site.signIn();
      const next = isUsed ? await site.ask(signed.client, "refresh_token", { refresh_token: signed.refreshToken }) : signed.tokens;
      await revoke(signed.client, { token: signed.refreshToken, token_type_hint: "access_token" });
      assert.equal(await refresh(signed), "invalid_grant");
      for (const token of [signed.tokens.access_token, next.access_token]) assert.equal(await site.verify(token), undefined);
    }
  });

  test("a token of another client, an unknown one and a bad one are left alone, with the same answer", async () => {
    const signed = await site.signIn();
    const before = site.events.length;
    for (const token of [signed.tokens.access_token, signed.refreshToken, "x", `rt_${"a".repeat(43)}`, `${signed.tokens.access_token}x`])
      assert.equal(await revoke(resourceServer, { token }), undefined);
    assert.equal(site.events.length, before);
    assert.ok(await site.verify(signed.tokens.access_token));
    assert.equal(typeof (await refresh(signed)), "object");
  });

  test("a revocation takes effect even when it cannot be put on record", async () => {
    const signed = await site.signIn();
    site.loseRecord(true);
    assert.equal(await outcome(revoke(signed.client, { token: signed.refreshToken })), "temporarily_unavailable");
    site.loseRecord(false);
    assert.equal(await refresh(signed), "invalid_grant");
  });

  test("a request without a token is refused with invalid_request", async () => {
    const signed = await site.signIn();
    assert.equal(await outcome(revoke(signed.client, {})), "invalid_request");
    const request = { client: signed.client, params: {}, jkt: null, address: undefined };
    assert.equal(await outcome(introspectToken(site.deps, request)), "invalid_request");
  });

  test("the owner of an access token and a resource server learn what it holds", async () => {
    const signed = await site.signIn();
    const { iat, exp, jti } = decode(signed.tokens.access_token).claims;
    for (const client of [signed.client, resourceServer]) {
      assert.deepEqual(await introspect(client, signed.tokens.access_token), {
        active: true,
        token_type: "Bearer",
        iss: ISSUER,
        aud: RESOURCE,
        sub: signed.accountId,
        client_id: signed.client.id,
        scope: "env:write org:read",
        jti,
        iat,
        exp,
      });
    }
  });

  test("what is told of a token is what it holds now", async () => {
    const signed = await site.signIn();
    await site.store.db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", signed.accountId).execute();
    for (const token of [signed.tokens.access_token, signed.refreshToken]) {
      const told = (await introspect(signed.client, token)) as { scope: string };
      assert.equal(told.scope, "env:read org:read");
    }
  });

  test("the binding to a key is told", async () => {
    const jkt = "a".repeat(43);
    const signed = await site.signIn({ jkt });
    for (const token of [signed.tokens.access_token, signed.refreshToken])
      assert.deepEqual(((await introspect(signed.client, token)) as { cnf: unknown }).cnf, { jkt });
  });

  test("a refresh token is active until it is used, has expired or what it stands on has ended", async () => {
    const signed = await site.signIn();
    const told = (await introspect(signed.client, signed.refreshToken)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(told), ["active", "iss", "sub", "client_id", "scope", "iat", "exp"]);
    assert.equal(told["active"], true);
    await refresh(signed);
    assert.deepEqual(await introspect(signed.client, signed.refreshToken), INACTIVE);
    const other = await site.signIn();
    await site.store.clients.disable(other.client.id, site.now());
    assert.deepEqual(await introspect(other.client, other.refreshToken), INACTIVE);
    const idle = await site.signIn();
    site.advance(1001);
    assert.deepEqual(await introspect(idle.client, idle.refreshToken), INACTIVE);
  });

  test("a stranger learns nothing about any token, nor does anyone about one that is not good", async () => {
    const signed = await site.signIn();
    const strangers = [await site.client(), await site.agent(ALL)];
    for (const client of strangers)
      for (const token of [signed.tokens.access_token, signed.refreshToken]) assert.deepEqual(await introspect(client, token), INACTIVE);
    await site.verifier.revoke("grant", signed.grant.id);
    for (const client of [signed.client, resourceServer])
      for (const token of [signed.tokens.access_token, signed.refreshToken, "x"])
        assert.deepEqual(await introspect(client, token), INACTIVE);
  });
});
