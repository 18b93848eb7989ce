import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { UsedCode } from "../../../src/oauth/issuer/grants/index.ts";
import type { ClientRow, GrantRow } from "../../../src/store/index.ts";
import {
  createSite,
  decode,
  ISSUER,
  outcome,
  PKCE,
  RESOURCE,
  settle,
  VERIFIER,
  WORKSPACE,
  withLatency,
  type Asking,
  type Params,
  type Site,
} from "./support.ts";

describe("authorization codes", () => {
  let site: Site;
  let client: ClientRow;
  let grant: GrantRow;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) });
    client = await site.client();
    grant = await site.consent(client, await site.person("member"), { scopes: "env:write org:read" });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const redeem = (code: string, params: Params = {}, more?: Asking) =>
    site.ask(client, "authorization_code", { code, ...PKCE, ...params }, more);

  test("a code gives an at+jwt with exactly the claims that the resource reads, on record before it is answered", async () => {
    const seconds = Math.floor(site.now() / 1000);
    const answer = await redeem(await site.code(grant, { familyId: "fam_first" }));
    const { header, claims } = decode(answer.access_token);
    assert.deepEqual(header, { alg: "ES256", typ: "at+jwt", kid: site.deps.key().kid });
    const { iat, exp, jti, ...rest } = claims;
    assert.ok(Number(iat) >= seconds && Number(iat) <= seconds + 1);
    assert.equal(Number(exp) - Number(iat), 900);
    assert.deepEqual(rest, {
      iss: ISSUER,
      aud: RESOURCE,
      sub: grant.subject,
      client_id: client.id,
      scope: "env:write org:read",
      gid: grant.id,
      fid: "fam_first",
    });
    const { access_token, refresh_token, ...shown } = answer;
    assert.match(refresh_token ?? "", /^rt_[\w-]{43}$/);
    assert.deepEqual(shown, { token_type: "Bearer", expires_in: 900, scope: "env:write org:read" });
    assert.deepEqual(site.events.at(-1), {
      event: "token_issued",
      clientId: client.id,
      workspaceId: WORKSPACE,
      grantId: grant.id,
      tokenId: jti,
      scope: "env:write org:read",
      expiresAt: Number(exp) * 1000,
    });
    const verified = await site.verify(access_token);
    assert.deepEqual([verified?.subject, verified?.familyId, verified?.grantId], [grant.subject, "fam_first", grant.id]);
  });

  test("T21: of 50 parallel uses of a code one succeeds, and all that followed from it is revoked, on record", async () => {
    const code = await site.code(grant);
    const slow = { deps: { store: withLatency(site.store) } };
    const { won, errors } = await settle(Array.from({ length: 50 }, () => redeem(code, {}, slow)));
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(errors), new Set(["invalid_grant"]));
    assert.equal(await site.verify(won[0]?.access_token ?? ""), undefined);
    const refreshed = site.ask(client, "refresh_token", { refresh_token: won[0]?.refresh_token });
    assert.equal(await outcome(refreshed), "invalid_grant");
    assert.ok(site.events.some((event) => event.event === "code_replayed" && event.familyId === `fam_${code}`));
  });

  test("T21: a late second use revokes the tokens of the first and no others of the grant", async () => {
    const [code, other] = [await site.code(grant), await site.code(grant)];
    const [first, beside] = [await redeem(code), await redeem(other)];
    assert.ok(await site.verify(first.access_token));
    assert.equal(await outcome(redeem(code)), "invalid_grant");
    assert.equal(await site.verify(first.access_token), undefined);
    assert.ok(await site.verify(beside.access_token));
    assert.equal(await outcome(site.ask(client, "refresh_token", { refresh_token: first.refresh_token })), "invalid_grant");
    assert.ok(await site.ask(client, "refresh_token", { refresh_token: beside.refresh_token }));
  });

  test("T21: a replay that ends the family while its refresh token is being stored ends that too", async () => {
    const code = await site.code(grant);
    const { refreshTokens } = site.store;
    const create: typeof refreshTokens.create = async (row) => {
      await outcome(redeem(code));
      await refreshTokens.create(row);
    };
    const answer = await redeem(code, {}, { deps: { store: { ...site.store, refreshTokens: { ...refreshTokens, create } } } });
    assert.equal(await outcome(site.ask(client, "refresh_token", { refresh_token: answer.refresh_token })), "invalid_grant");
  });

  const LONG = "a-._~".repeat(26).slice(0, 129);
  const challenge = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
  const refused: [title: string, params: Params, stored: Partial<UsedCode>, error: string][] = [
    ["T21: an unknown code", { code: "nothing" }, {}, "invalid_grant"],
    ["no code", { code: undefined }, {}, "invalid_request"],
    ["T21: another redirect URI", { redirect_uri: "https://app.example/callback/" }, {}, "invalid_grant"],
    ["T21: the redirect URI with another case", { redirect_uri: "https://app.example/Callback" }, {}, "invalid_grant"],
    ["T21: no redirect URI", { redirect_uri: undefined }, {}, "invalid_request"],
    ["T22: no verifier", { code_verifier: undefined }, {}, "invalid_request"],
    ["T22: a wrong verifier", { code_verifier: "w".repeat(43) }, {}, "invalid_grant"],
    ["T22: a verifier of 42 characters", { code_verifier: "v".repeat(42) }, { codeChallenge: challenge("v".repeat(42)) }, "invalid_grant"],
    ["T22: a verifier of 129 characters", { code_verifier: LONG }, { codeChallenge: challenge(LONG) }, "invalid_grant"],
    [
      "T22: a verifier with other characters",
      { code_verifier: "é".repeat(43) },
      { codeChallenge: challenge("é".repeat(43)) },
      "invalid_grant",
    ],
    ["T22: the challenge as plain verifier", {}, { codeChallenge: VERIFIER }, "invalid_grant"],
    ["T22: a code that was made without a challenge", {}, { codeChallenge: "" }, "invalid_grant"],
    ["T21: another client's code", {}, { clientId: "cl_other" }, "invalid_grant"],
    ["a code for another account than the grant's", {}, { accountId: "acc_other" }, "invalid_grant"],
    ["a grant that does not exist", {}, { grantId: "gr_none" }, "invalid_grant"],
    ["a code without scopes that exist", {}, { scope: "gone:read" }, "invalid_grant"],
    ["another resource", { resource: "https://other.example/mcp" }, {}, "invalid_target"],
    ["a code for another resource", {}, { resource: "https://other.example/mcp" }, "invalid_target"],
  ];
  for (const [title, params, stored, error] of refused) {
    test(`refused with ${error}: ${title}`, async () => {
      const before = site.events.length;
      assert.equal(await outcome(redeem(await site.code(grant, stored), params)), error);
      assert.equal(site.events.length, before);
    });
  }

  for (const length of [43, 128]) {
    test(`T22: a verifier of ${length} characters is good`, async () => {
      const verifier = LONG.slice(0, length);
      const code = await site.code(grant, { codeChallenge: challenge(verifier) });
      assert.ok((await redeem(code, { code_verifier: verifier })).access_token);
    });
  }

  for (const resource of [RESOURCE, `${RESOURCE}/`, ISSUER, `${ISSUER}/`]) {
    test(`the resource may be named ${resource}, and the audience is the one that is published`, async () => {
      const { access_token } = await redeem(await site.code(grant), { resource });
      assert.equal(decode(access_token).claims["aud"], RESOURCE);
    });
  }

  test("T21: a wrong verifier uses the code up", async () => {
    const code = await site.code(grant);
    assert.equal(await outcome(redeem(code, { code_verifier: "w".repeat(43) })), "invalid_grant");
    assert.equal(await outcome(redeem(code)), "invalid_grant");
  });

  const ended: [title: string, change: (own: GrantRow) => Promise<unknown>][] = [
    ["the grant was revoked", ({ id }) => site.store.grants.revoke(id, site.now())],
    ["the client was disabled", ({ client_id }) => site.store.clients.disable(client_id, site.now())],
    [
      "the account was disabled",
      ({ subject }) => site.store.db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", subject).execute(),
    ],
    ["the person left the workspace", ({ subject }) => site.store.db.deleteFrom("member").where("account_id", "=", subject).execute()],
  ];
  for (const [title, change] of ended) {
    test(`a code is refused with invalid_grant when ${title} since`, async () => {
      const other = await site.client();
      const own = await site.consent(other, await site.person("member"));
      const code = await site.code(own);
      await change(own);
      assert.equal(await outcome(site.ask(other, "authorization_code", { code, ...PKCE })), "invalid_grant");
    });
  }

  const limits: [title: string, role: "viewer" | "member", policy: string | null, allowed: string, expected: string][] = [
    ["all hold it", "member", null, "env:write org:read", "env:write org:read"],
    ["the role holds less", "viewer", null, "env:write org:read", "env:read org:read"],
    ["the client's policy holds less", "member", "env:read", "env:write org:read", "env:read"],
    ["the person allowed less", "member", null, "org:read", "org:read"],
  ];
  for (const [title, role, policy, allowed, expected] of limits) {
    test(`T15: a token holds what code, grant, policy and role have in common: ${title}`, async () => {
      const other = await site.client(policy === null ? {} : { scopes: policy });
      const own = await site.consent(other, await site.person(role), { scopes: "env:write org:read" });
      const code = await site.code(own, { scope: allowed });
      assert.equal((await site.ask(other, "authorization_code", { code, ...PKCE })).scope, expected);
    });
  }

  test("T15: the settings limit clients that no operator made", async () => {
    const answer = await redeem(await site.code(grant), {}, { deps: { selfRegisteredScopes: "org:read" } });
    assert.equal(answer.scope, "org:read");
  });

  test("a token ends with its grant, and so does its family", async () => {
    const own = await site.consent(client, grant.subject, { expires_at: site.now() + 100_000 });
    const answer = await redeem(await site.code(own));
    assert.ok(answer.expires_in <= 100 && answer.expires_in > 90);
    const row = await site.store.db.selectFrom("refresh_token").selectAll().where("grant_id", "=", own.id).executeTakeFirstOrThrow();
    assert.equal(row.family_expires_at, own.expires_at);
  });

  test("a token that cannot be put on record is not issued", async () => {
    const code = await site.code(grant);
    site.loseRecord(true);
    const problem = await redeem(code).catch((error: unknown) => error);
    site.loseRecord(false);
    assert.deepEqual(
      { ...(problem as object) },
      {
        name: "OAuthError",
        status: 503,
        error: "temporarily_unavailable",
        error_description: "the token was not issued, because it could not be put on record; try again later",
        headers: {},
      },
    );
    assert.equal(
      await site.store.db.selectFrom("refresh_token").selectAll().where("family_id", "=", `fam_${code}`).executeTakeFirst(),
      undefined,
    );
  });

  test("the use of a client is noted, once a minute", async () => {
    const signed = await site.signIn();
    const usedAt = async (): Promise<number> => Number((await site.store.clients.find(signed.client.id))?.used_at);
    const first = await usedAt();
    assert.ok(Math.abs(first - site.now()) < 5000);
    site.advance(30);
    const next = await site.ask(signed.client, "refresh_token", { refresh_token: signed.refreshToken });
    assert.equal(await usedAt(), first);
    site.advance(31);
    await site.ask(signed.client, "refresh_token", { refresh_token: next.refresh_token });
    assert.ok((await usedAt()) >= first + 61_000);
  });
});
