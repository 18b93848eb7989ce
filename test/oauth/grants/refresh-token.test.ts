import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sha256Hex } from "../../../src/lib/secret.ts";
import { introspectToken } from "../../../src/oauth/issuer/grants/index.ts";
import { createSite, decode, outcome, settle, withLatency, type Asking, type Params, type Site, type SignedIn } from "./support.ts";

const JKT = "a".repeat(43);
const STRICT: Asking = { deps: { refresh: { graceSeconds: 0, idleSeconds: 1000, maxSeconds: 5000 } } };

describe("refresh tokens", () => {
  let site: Site;
  const cleanups: (() => unknown)[] = [];
  before(async () => void (site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) })));
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const refresh = ({ client }: Pick<SignedIn, "client">, token: string | undefined, params: Params = {}, more: Asking = {}) =>
    site.ask(client, "refresh_token", { refresh_token: token, ...params }, more);

  test("T28: a refresh gives new tokens of the same family, which work", async () => {
    const signed = await site.signIn();
    const next = await refresh(signed, signed.refreshToken);
    assert.notEqual(next.refresh_token, signed.refreshToken);
    assert.notEqual(next.access_token, signed.tokens.access_token);
    assert.equal(next.scope, "env:write org:read");
    const { claims } = decode(next.access_token);
    assert.equal(claims["fid"], decode(signed.tokens.access_token).claims["fid"]);
    assert.equal(claims["sub"], signed.accountId);
    assert.ok(await site.verify(next.access_token));
    assert.ok((await refresh(signed, next.refresh_token)).refresh_token);
  });

  test("T28: of 50 parallel refreshes one makes the next generation, and all get that same pair", async () => {
    const signed = await site.signIn();
    const slow = { deps: { store: withLatency(site.store) } };
    const { won, errors } = await settle(Array.from({ length: 50 }, () => refresh(signed, signed.refreshToken, {}, slow)));
    assert.deepEqual([won.length, errors], [50, []]);
    assert.equal(new Set(won.map((answer) => `${answer.access_token} ${answer.refresh_token}`)).size, 1);
    const rows = await site.store.db.selectFrom("refresh_token").selectAll().where("grant_id", "=", signed.grant.id).execute();
    assert.deepEqual([rows.length, rows.filter((row) => row.used_at === null).length], [2, 1]);
    assert.ok((await refresh(signed, won[0]?.refresh_token)).refresh_token);
  });

  test("T28: with grace 0 one of 50 parallel refreshes succeeds, and the family ends", async () => {
    const signed = await site.signIn();
    const slow = { deps: { ...STRICT.deps, store: withLatency(site.store) } };
    const { won, errors } = await settle(Array.from({ length: 50 }, () => refresh(signed, signed.refreshToken, {}, slow)));
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(errors), new Set(["invalid_grant"]));
    const rows = await site.store.db.selectFrom("refresh_token").selectAll().where("grant_id", "=", signed.grant.id).execute();
    assert.deepEqual(rows, []);
    assert.equal(await site.verify(signed.tokens.access_token), undefined);
    for (const answer of won) assert.equal(await site.verify(answer.access_token), undefined);
  });

  test("T28: within the grace a used token is answered with the same pair, and the remaining time", async () => {
    const signed = await site.signIn();
    const first = await refresh(signed, signed.refreshToken);
    site.advance(59);
    const again = await refresh(signed, signed.refreshToken);
    assert.deepEqual([again.access_token, again.refresh_token, again.scope], [first.access_token, first.refresh_token, first.scope]);
    assert.ok(again.expires_in <= 841 && again.expires_in >= 838, String(again.expires_in));
  });

  test("T28: an answer that is repeated was put on record once", async () => {
    const signed = await site.signIn();
    const { access_token } = await refresh(signed, signed.refreshToken);
    await refresh(signed, signed.refreshToken);
    const id = decode(access_token).claims["jti"];
    assert.equal(site.events.filter((event) => event.event === "token_issued" && event.tokenId === id).length, 1);
  });

  test("of 50 parallel refreshes each access token on record is one that somebody got", async () => {
    for (const deps of [{}, STRICT.deps]) {
      const signed = await site.signIn();
      const slow = { deps: { ...deps, store: withLatency(site.store) } };
      const from = site.events.length;
      const { won } = await settle(Array.from({ length: 50 }, () => refresh(signed, signed.refreshToken, {}, slow)));
      const got = new Set(won.map((answer) => decode(answer.access_token).claims["jti"]));
      const recorded = site.events.slice(from).flatMap((event) => (event.event === "token_issued" ? [event.tokenId] : []));
      assert.deepEqual(recorded, [...got]);
    }
  });

  test("each repetition of an answer is on record, and nobody gets one that cannot be", async () => {
    const signed = await site.signIn();
    const { access_token } = await refresh(signed, signed.refreshToken);
    site.loseRecord(true);
    assert.equal(await outcome(refresh(signed, signed.refreshToken)), "temporarily_unavailable");
    site.loseRecord(false);
    await refresh(signed, signed.refreshToken);
    const id = decode(access_token).claims["jti"];
    const told = site.events.filter((event) => event.event === "token_repeated" && event.tokenId === id);
    assert.deepEqual([told.length, told[0]?.event === "token_repeated" && told[0].grantId], [1, signed.grant.id]);
  });

  for (const [title, act] of [
    ["client", (signed: SignedIn) => site.store.clients.disable(signed.client.id, site.now())],
    [
      "person",
      (signed: SignedIn) => site.store.db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", signed.accountId).execute(),
    ],
  ] as const)
    test(`a family ends for good when its ${title} is disabled while a refresh token of it is being stored`, async () => {
      const signed = await site.signIn();
      const { refreshTokens } = site.store;
      const rotate: typeof refreshTokens.rotate = async (...args) => {
        const isFirst = await refreshTokens.rotate(...args);
        await act(signed);
        return isFirst;
      };
      await refresh(signed, signed.refreshToken, {}, { deps: { store: { ...site.store, refreshTokens: { ...refreshTokens, rotate } } } });
      assert.deepEqual(await site.store.db.selectFrom("refresh_token").where("grant_id", "=", signed.grant.id).selectAll().execute(), []);
    });

  test("T28: reuse after the grace ends the family with its access tokens, on record, and nothing of the grant beside it", async () => {
    const signed = await site.signIn();
    const other = await site.ask(signed.client, "authorization_code", {
      code: await site.code(signed.grant),
      redirect_uri: "https://app.example/callback",
      code_verifier: "v".repeat(43),
    });
    const next = await refresh(signed, signed.refreshToken);
    site.advance(61);
    assert.equal(await outcome(refresh(signed, signed.refreshToken)), "invalid_grant");
    assert.equal(await outcome(refresh(signed, next.refresh_token)), "invalid_grant");
    assert.equal(await site.verify(next.access_token), undefined);
    assert.equal(await site.verify(signed.tokens.access_token), undefined);
    assert.ok(await site.verify(other.access_token));
    const familyId = decode(next.access_token).claims["fid"];
    const reused = site.events.filter((event) => event.event === "refresh_token_reused" && event.familyId === familyId);
    assert.deepEqual(reused, [{ event: "refresh_token_reused", clientId: signed.client.id, grantId: signed.grant.id, familyId }]);
  });

  test("T28: reuse ends the family even when it cannot be put on record", async () => {
    const signed = await site.signIn();
    const next = await refresh(signed, signed.refreshToken, {}, STRICT);
    site.loseRecord(true);
    assert.equal(await outcome(refresh(signed, signed.refreshToken, {}, STRICT)), "temporarily_unavailable");
    site.loseRecord(false);
    assert.equal(await outcome(refresh(signed, next.refresh_token)), "invalid_grant");
    assert.equal(await site.verify(next.access_token), undefined);
  });

  test("a refresh that cannot be put on record changes nothing", async () => {
    const signed = await site.signIn();
    site.loseRecord(true);
    assert.equal(await outcome(refresh(signed, signed.refreshToken)), "temporarily_unavailable");
    site.loseRecord(false);
    site.advance(100);
    assert.ok((await refresh(signed, signed.refreshToken)).refresh_token);
  });

  test("T28: a client that lost the answer to a crash gets it after the restart; without the write nothing had happened", async () => {
    const signed = await site.signIn();
    const { refreshTokens } = site.store;
    const dies = async (): Promise<boolean> => Promise.reject(new Error("killed"));
    const before = { ...site.store, refreshTokens: { ...refreshTokens, rotate: dies } };
    await assert.rejects(refresh(signed, signed.refreshToken, {}, { deps: { store: before } }), /killed/);
    assert.equal((await refreshTokens.find(sha256Hex(signed.refreshToken)))?.used_at, null);
    const written: Parameters<typeof refreshTokens.rotate>[] = [];
    const rotateThenDie = async (...args: Parameters<typeof refreshTokens.rotate>): Promise<boolean> => {
      written.push(args);
      await refreshTokens.rotate(...args);
      return dies();
    };
    const behind = { ...site.store, refreshTokens: { ...refreshTokens, rotate: rotateThenDie } };
    await assert.rejects(refresh(signed, signed.refreshToken, {}, { deps: { store: behind } }), /killed/);
    const answer = await refresh(signed, signed.refreshToken);
    assert.equal(sha256Hex(answer.refresh_token ?? ""), written[0]?.[2].id_hash);
    const rows = await site.store.db.selectFrom("refresh_token").select("used_at").where("grant_id", "=", signed.grant.id).execute();
    assert.equal(rows.filter((row) => row.used_at === null).length, 1);
  });

  test("no token is stored as it is, and what replaced one opens only with it", async () => {
    const signed = await site.signIn();
    const next = await refresh(signed, signed.refreshToken);
    const rows = await site.store.db.selectFrom("refresh_token").selectAll().where("grant_id", "=", signed.grant.id).execute();
    for (const token of [signed.refreshToken, next.refresh_token ?? "", next.access_token])
      assert.ok(!JSON.stringify(rows).includes(token));
  });

  test("T28: another client cannot use a refresh token, neither within the grace nor before, and does no harm to it", async () => {
    const signed = await site.signIn();
    const other = { client: await site.client() };
    assert.equal(await outcome(refresh(other, signed.refreshToken)), "invalid_grant");
    const next = await refresh(signed, signed.refreshToken);
    assert.equal(await outcome(refresh(other, signed.refreshToken)), "invalid_grant");
    site.advance(61);
    assert.equal(await outcome(refresh(other, signed.refreshToken)), "invalid_grant");
    assert.ok((await refresh(signed, next.refresh_token)).refresh_token);
  });

  const scopes: [title: string, scope: string | undefined, expected: string][] = [
    ["none is all that was granted", undefined, "env:write org:read"],
    ["an empty list is none", "  ", "env:write org:read"],
    ["one of them", "org:read", "org:read"],
    ["one that another includes", "env:read", "env:read"],
    ["unknown ones beside known", "org:read offline_access", "org:read"],
    ["wider by a known one", "org:read org:write", "error invalid_scope"],
    ["only another", "org:write", "error invalid_scope"],
    ["only unknown", "nothing:here", "error invalid_scope"],
    ["no list of scopes", 'org:read "', "error invalid_scope"],
  ];
  for (const [title, scope, expected] of scopes) {
    test(`T15: the scope of a refresh may narrow and never widen: ${title}`, async () => {
      const signed = await site.signIn();
      const answer = await outcome(refresh(signed, signed.refreshToken, { scope }));
      assert.equal(typeof answer === "string" ? `error ${answer}` : answer.scope, expected);
      if (typeof answer !== "string") {
        assert.equal(decode(answer.access_token).claims["scope"], expected);
        assert.equal((await refresh(signed, answer.refresh_token)).scope, "env:write org:read");
      }
    });
  }

  test("T28: other scopes within the grace are refused and do no harm", async () => {
    const signed = await site.signIn();
    const next = await refresh(signed, signed.refreshToken, { scope: "env:read org:read" });
    for (const scope of [undefined, "env:read"])
      assert.equal(await outcome(refresh(signed, signed.refreshToken, { scope })), "invalid_scope");
    const same = await refresh(signed, signed.refreshToken, { scope: "org:read  env:read" });
    assert.equal(same.refresh_token, next.refresh_token);
    assert.ok((await refresh(signed, next.refresh_token)).refresh_token);
  });

  const ended: [title: string, change: (signed: SignedIn) => Promise<unknown>][] = [
    ["its client was disabled", ({ client }) => site.store.clients.disable(client.id, site.now())],
    ["its client is gone", ({ client }) => site.store.db.deleteFrom("client").where("id", "=", client.id).execute()],
    ["its grant was revoked", ({ grant }) => site.store.grants.revoke(grant.id, site.now())],
    ["its family was revoked", ({ tokens }) => site.verifier.revoke("family", String(decode(tokens.access_token).claims["fid"]))],
    [
      "the account was disabled",
      ({ accountId }) => site.store.db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", accountId).execute(),
    ],
    ["the person left the workspace", ({ accountId }) => site.store.db.deleteFrom("member").where("account_id", "=", accountId).execute()],
    [
      "the grant has expired",
      ({ grant }) => site.store.db.updateTable("access_grant").set({ expires_at: site.now() }).where("id", "=", grant.id).execute(),
    ],
    ["it was idle for too long", async () => site.advance(1001)],
    [
      "nothing of it is left within the role",
      ({ grant }) => site.store.db.updateTable("access_grant").set({ scopes: "" }).where("id", "=", grant.id).execute(),
    ],
  ];
  for (const [title, change] of ended) {
    test(`a refresh is refused with invalid_grant when ${title}`, async () => {
      const signed = await site.signIn();
      const used = await site.signIn();
      await refresh(used, used.refreshToken);
      await change(signed);
      assert.equal(await outcome(refresh(signed, signed.refreshToken)), "invalid_grant");
    });
  }

  test("a family ends at its absolute age, however often it was refreshed", async () => {
    const signed = await site.signIn();
    let token = signed.refreshToken;
    for (let i = 0; i < 5; i++) {
      site.advance(999);
      token = (await refresh(signed, token)).refresh_token ?? "";
    }
    site.advance(10);
    assert.equal(await outcome(refresh(signed, token)), "invalid_grant");
  });

  test("a person whose role was lowered keeps what the role still allows", async () => {
    const signed = await site.signIn();
    await site.store.db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", signed.accountId).execute();
    assert.equal((await refresh(signed, signed.refreshToken)).scope, "env:read org:read");
  });

  test("T16: a refresh token that is bound to a key needs a proof of it, and has no grace", async () => {
    const signed = await site.signIn({ jkt: JKT });
    assert.equal(signed.tokens.token_type, "DPoP");
    assert.deepEqual(decode(signed.tokens.access_token).claims["cnf"], { jkt: JKT });
    for (const jkt of [undefined, "b".repeat(43)])
      assert.equal(await outcome(refresh(signed, signed.refreshToken, {}, { jkt })), "invalid_grant");
    const next = await refresh(signed, signed.refreshToken, {}, { jkt: JKT });
    assert.equal(next.token_type, "DPoP");
    assert.equal(await outcome(refresh(signed, signed.refreshToken, {}, { jkt: JKT })), "invalid_grant");
    assert.equal(await outcome(refresh(signed, next.refresh_token, {}, { jkt: JKT })), "invalid_grant");
  });

  test("a client without the grant refresh_token gets none", async () => {
    const client = await site.client({ metadata: JSON.stringify({ grant_types: ["authorization_code"] }) });
    assert.equal("refresh_token" in (await site.signIn({ client })).tokens, false);
  });

  const refused: [title: string, params: Params, error: string][] = [
    ["no token", { refresh_token: undefined }, "invalid_request"],
    ["an unknown one", { refresh_token: `rt_${"a".repeat(43)}` }, "invalid_grant"],
    ["something else", { refresh_token: "x" }, "invalid_grant"],
    ["another resource", { resource: "https://other.example" }, "invalid_target"],
  ];
  for (const [title, params, error] of refused) {
    test(`refused with ${error}: ${title}`, async () => {
      const signed = await site.signIn();
      assert.equal(await outcome(refresh(signed, signed.refreshToken, params)), error);
      const active = await introspectToken(site.deps, {
        client: signed.client,
        params: { token: signed.refreshToken },
        jkt: null,
        address: undefined,
      });
      assert.equal((active as { active: boolean }).active, true);
    });
  }
});
