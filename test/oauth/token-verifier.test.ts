import { createLog } from "../../src/lib/log.ts";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { refuse } from "../../src/errors.ts";
import { createTokenVerifier } from "../../src/oauth/index.ts";
import { activeSigner, decode, outcome, SCOPES, startIssuer, type TestIssuer } from "../support/issuer.ts";

function otherProcess(as: TestIssuer, more: { maxCachedTokens?: number } = {}) {
  return createTokenVerifier({
    issuer: as.origin,
    resource: as.resource,
    store: as.store,
    scopes: SCOPES,
    now: as.now,
    log: createLog("silent"),
    ...more,
  });
}

describe("the verifier", () => {
  test("a token that was verified is answered at once the next time, with the same object", async (t) => {
    const as = await startIssuer(t);
    const token = await as.token(await as.agent("org:write"));
    const first = as.verifier.verify(token);
    assert.ok(first instanceof Promise);
    const second = as.verifier.verify(token);
    assert.ok(second instanceof Promise, "not known before the first is settled");
    await second;
    assert.equal(as.verifier.verify(token), await outcome(as.verifier.verify(token)));
    assert.ok(!(as.verifier.verify(token) instanceof Promise));
  });

  test("a verified token says who, where, what and how long", async (t) => {
    const as = await startIssuer(t);
    const { clientId, clientSecret } = await as.agent("org:write env:read");
    const token = await as.token({ clientId, clientSecret });
    const { claims } = decode(token);
    const verified = await outcome(as.verifier.verify(token));
    assert.ok(typeof verified === "object");
    assert.deepEqual(verified, {
      tokenId: claims.jti,
      clientId,
      subject: clientId,
      grantId: claims.gid,
      familyId: undefined,
      jkt: undefined,
      actor: undefined,
      workspaceId: "wks_test",
      environments: undefined,
      challenge: "http",
      issuedAt: Number(claims.iat) * 1000,
      expiresAt: Number(claims.exp) * 1000,
      scopes: SCOPES.parse("env:read org:write"),
    });
    assert.equal(verified.scopes, SCOPES.parse("env:read org:write"), "one object for each combination of scopes");
  });

  for (const kind of ["token", "grant", "client", "subject"] as const) {
    test(`T12: a revoked ${kind} is refused at once here, after one refresh elsewhere, and after a restart`, async (t) => {
      const as = await startIssuer(t);
      const elsewhere = await otherProcess(as);
      elsewhere.close();
      const agent = await as.agent("org:read");
      const bystander = await as.token(await as.agent("org:read"));
      const token = await as.token(agent);
      const { claims } = decode(token);
      for (const verifier of [as.verifier, elsewhere]) assert.equal(typeof (await outcome(verifier.verify(token))), "object");
      const value = { token: claims.jti, grant: claims.gid, client: agent.clientId, subject: claims.sub }[kind];
      await as.verifier.revoke(kind, String(value));
      assert.equal(await outcome(as.verifier.verify(token)), "invalid_token");
      await elsewhere.refresh();
      assert.equal(await outcome(elsewhere.verify(token)), "invalid_token");
      const restarted = await otherProcess(as);
      restarted.close();
      assert.equal(await outcome(restarted.verify(token)), "invalid_token");
      assert.equal(typeof (await outcome(restarted.verify(bystander))), "object", "others are not touched");
    });
  }

  test("T12: a client that was cut off gets working tokens again; a revoked grant does not", async (t) => {
    const as = await startIssuer(t);
    const agent = await as.agent("org:read");
    await as.verifier.revoke("client", agent.clientId);
    as.advance(1000);
    await as.verifier.refresh();
    assert.equal(typeof (await outcome(as.verifier.verify(await as.token(agent)))), "object");
    const grantId = String(decode(await as.token(agent)).claims.gid);
    await as.verifier.revoke("grant", grantId);
    await assert.rejects(as.token(agent), /unauthorized_client/);
  });

  test("T12: a revocation that was committed late, with an earlier time, is still found", async (t) => {
    const as = await startIssuer(t);
    const token = await as.token(await as.agent("org:read"));
    assert.equal(typeof (await outcome(as.verifier.verify(token))), "object");
    as.advance(5000);
    await as.verifier.refresh();
    await as.store.revocations.add({ id: "rev_late", kind: "token", value: String(decode(token).claims.jti), at: as.now() - 50_000 });
    await as.verifier.refresh();
    assert.equal(await outcome(as.verifier.verify(token)), "invalid_token");
  });

  test("T12: the news comes by itself within a second", async (t) => {
    const as = await startIssuer(t);
    const elsewhere = await otherProcess(as);
    t.after(() => elsewhere.close());
    const token = await as.token(await as.agent("org:read"));
    assert.equal(typeof (await outcome(elsewhere.verify(token))), "object");
    await as.verifier.revoke("token", String(decode(token).claims.jti));
    const revokedAt = performance.now();
    while (typeof (await outcome(elsewhere.verify(token))) === "object") {
      assert.ok(performance.now() - revokedAt < 2000, "not within two seconds");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  const changes: [string, (as: TestIssuer, clientId: string, grantId: string) => Promise<unknown>, string | readonly string[]][] = [
    ["a client that was disabled is refused", (as, clientId) => as.store.clients.disable(clientId, as.now()), "invalid_token"],
    ["a grant that was revoked is refused", (as, _clientId, grantId) => as.store.grants.revoke(grantId, as.now()), "invalid_token"],
    [
      "a grant that expires is refused",
      (as, _clientId, id) =>
        as.store.db
          .updateTable("access_grant")
          .set({ expires_at: as.now() - 60_000 })
          .where("id", "=", id)
          .execute(),
      "invalid_token",
    ],
    [
      "a policy that was narrowed takes scopes away",
      (as, id) => as.store.db.updateTable("client").set({ scopes: "env:read org:read" }).where("id", "=", id).execute(),
      ["org:read"],
    ],
    [
      "a policy that lost every scope of the token leaves none",
      (as, id) => as.store.db.updateTable("client").set({ scopes: "env:read" }).where("id", "=", id).execute(),
      [],
    ],
    [
      "a policy that was widened adds nothing to a token",
      (as, id) => as.store.db.updateTable("client").set({ scopes: "org:write env:write" }).where("id", "=", id).execute(),
      ["org:write"],
    ],
  ];
  for (const [title, change, expected] of changes) {
    test(`a known token follows its rows: ${title}`, async (t) => {
      const as = await startIssuer(t);
      const agent = await as.agent("org:write");
      const token = await as.token(agent);
      assert.equal(typeof (await outcome(as.verifier.verify(token))), "object");
      await change(as, agent.clientId, String(decode(token).claims.gid));
      await as.verifier.refresh();
      const result = await outcome(as.verifier.verify(token));
      assert.deepEqual(typeof result === "string" ? result : result.scopes.granted, expected);
    });
  }

  test("T67: without news of revocations for more than ten seconds nothing is accepted, and with the news all is well again", async (t) => {
    const as = await startIssuer(t);
    const token = await as.token(await as.agent("org:read"));
    const verifier = await otherProcess(as);
    verifier.close();
    await verifier.verify(token);
    as.advance(9_000);
    assert.equal(typeof (await outcome(verifier.verify(token))), "object");
    as.advance(1_500);
    const text = "Access tokens cannot be checked for revocation at the moment, so none is accepted. Try again later.";
    assert.deepEqual(verifier.verify(token), refuse("unavailable", { message: text }));
    await verifier.refresh();
    assert.equal(typeof (await outcome(verifier.verify(token))), "object");
    as.advance(-60_000);
    assert.equal(await outcome(verifier.verify(token)), "unavailable", "a clock that was set back is no news either");
  });

  test("T67: after an outage the revocations of its whole length are read", async (t) => {
    const as = await startIssuer(t, { accessTokenTtlSeconds: 7200 });
    const token = await as.token(await as.agent("org:read"));
    const verifier = await otherProcess(as);
    verifier.close();
    await verifier.verify(token);
    await as.store.revocations.add({ id: "rev_1", kind: "token", value: String(decode(token).claims.jti), at: as.now() });
    as.advance(3_600_000);
    await verifier.refresh();
    assert.equal(await outcome(verifier.verify(token)), "invalid_token");
  });

  test("T67: a store that does not answer refuses new tokens with 503, and does not accept them", async (t) => {
    const as = await startIssuer(t);
    const token = await as.token(await as.agent("org:read"));
    await as.store.close();
    assert.equal(await outcome(as.verifier.verify(token)), "unavailable");
    await assert.rejects(as.verifier.refresh());
  });

  test("the number of known tokens is bounded, and the oldest make room", async (t) => {
    const as = await startIssuer(t);
    const { header, claims } = decode(await as.token(await as.agent("org:read")));
    const signed = await activeSigner(as);
    const verifier = await otherProcess(as, { maxCachedTokens: 10 });
    verifier.close();
    const tokens = Array.from({ length: 15 }, () => signed(header, { ...claims, jti: randomUUID() }));
    for (const token of tokens) await verifier.verify(token);
    const known = tokens.map((token) => !(verifier.verify(token) instanceof Promise));
    assert.deepEqual(
      known.slice(5),
      Array.from({ length: 10 }, () => true),
    );
    assert.equal(known.slice(0, 5).includes(true), false);
  });
});
