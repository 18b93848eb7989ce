import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { TokenAnswer } from "../../../src/oauth/issuer/grants/index.ts";
import type { ClientRow } from "../../../src/store/index.ts";
import {
  ACCESS_TOKEN,
  ALL,
  createSite,
  decode,
  ISSUER,
  outcome,
  TOKEN_EXCHANGE,
  WORKSPACE,
  type Asking,
  type Params,
  type Site,
  type SignedIn,
} from "./support.ts";

const JKT = "a".repeat(43);

describe("token exchange", () => {
  let site: Site;
  let agent: ClientRow;
  let signed: SignedIn;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) });
    agent = await site.agent(ALL);
    signed = await site.signIn();
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const exchange = (
    subject: string,
    params: Params = {},
    { by = agent, ...more }: Asking & { by?: ClientRow } = {},
  ): Promise<TokenAnswer> => site.ask(by, TOKEN_EXCHANGE, { subject_token: subject, subject_token_type: ACCESS_TOKEN, ...params }, more);

  test("an agent gets a narrower token that acts for the same subject, with itself as the actor, on record", async () => {
    const { access_token, ...shown } = await exchange(signed.tokens.access_token, { scope: "env:read" });
    const { claims } = decode(access_token);
    assert.deepEqual(shown, {
      token_type: "Bearer",
      expires_in: Number(claims["exp"]) - Number(claims["iat"]),
      scope: "env:read",
      issued_token_type: ACCESS_TOKEN,
    });
    assert.deepEqual([claims["sub"], claims["client_id"], claims["act"]], [signed.accountId, agent.id, { sub: agent.id }]);
    const grant = await site.store.grants.find(String(claims["gid"]));
    assert.deepEqual(
      [grant?.kind, grant?.parent_id, grant?.client_id, grant?.subject, grant?.workspace_id, grant?.scopes],
      ["exchange", signed.grant.id, agent.id, signed.accountId, WORKSPACE, "env:read"],
    );
    const issued = site.events.at(-1);
    assert.ok(issued?.event === "token_issued");
    assert.deepEqual([issued.tokenId, issued.actor], [claims["jti"], JSON.stringify({ sub: agent.id })]);
    const verified = await site.verify(access_token);
    assert.deepEqual(
      [verified?.subject, verified?.actor, verified?.scopes.granted],
      [signed.accountId, JSON.stringify({ sub: agent.id }), ["env:read"]],
    );
  });

  test("a token may be exchanged three times; each actor stands before the ones that it follows", async () => {
    const agents = [agent, await site.agent(ALL), await site.agent(ALL), await site.agent(ALL)];
    let token = signed.tokens.access_token;
    let act: unknown;
    for (const by of agents.slice(0, 3)) {
      token = (await exchange(token, {}, { by })).access_token;
      act = act === undefined ? { sub: by.id } : { sub: by.id, act };
      assert.deepEqual(decode(token).claims["act"], act);
      assert.ok(await site.verify(token));
    }
    assert.equal(await outcome(exchange(token, {}, { by: agents[3] ?? agent })), "invalid_request");
  });

  test("a token ends at the latest with the one that it came from", async () => {
    const own = await site.signIn();
    site.advance(600);
    const answer = await exchange(own.tokens.access_token);
    assert.equal(decode(answer.access_token).claims["exp"], decode(own.tokens.access_token).claims["exp"]);
    assert.ok(answer.expires_in <= 300);
    const grant = await site.store.grants.find(String(decode(answer.access_token).claims["gid"]));
    assert.equal(grant?.expires_at, Number(decode(own.tokens.access_token).claims["exp"]) * 1000);
  });

  const cascades: [title: string, end: (own: SignedIn) => Promise<unknown>][] = [
    ["its grant", ({ grant }) => site.verifier.revoke("grant", grant.id)],
    ["its family", ({ tokens }) => site.verifier.revoke("family", String(decode(tokens.access_token).claims["fid"]))],
    ["its subject", ({ accountId }) => site.verifier.revoke("subject", accountId)],
  ];
  for (const [title, end] of cascades) {
    test(`T12: a revocation of ${title} takes along what was exchanged from a token, at any depth`, async () => {
      const own = await site.signIn();
      const child = await exchange(own.tokens.access_token);
      const grandchild = await exchange(child.access_token, {}, { by: await site.agent(ALL) });
      for (const { access_token } of [child, grandchild]) assert.ok(await site.verify(access_token));
      await end(own);
      for (const { access_token } of [child, grandchild]) {
        assert.equal(await site.verify(access_token), undefined);
        assert.equal(await outcome(exchange(access_token)), "invalid_request");
      }
    });
  }

  test("T12: a revoked or foreign subject token, or none, gives nothing", async () => {
    const own = await site.signIn();
    await site.verifier.revoke("token", String(decode(own.tokens.access_token).claims["jti"]));
    for (const token of [own.tokens.access_token, own.refreshToken, "x", ""])
      assert.equal(await outcome(exchange(token)), "invalid_request");
  });

  test("a grant that ends between the check of the token and the exchange leaves nothing behind", async () => {
    const own = await site.signIn();
    const { grants } = site.store;
    const createChild: typeof grants.createChild = async (row, at) => {
      await grants.revoke(own.grant.id, at);
      return grants.createChild(row, at);
    };
    const deps = { store: { ...site.store, grants: { ...grants, createChild } } };
    assert.equal(await outcome(exchange(own.tokens.access_token, {}, { deps })), "invalid_request");
    const rows = await site.store.db.selectFrom("access_grant").select("id").where("parent_id", "=", own.grant.id).execute();
    assert.deepEqual(rows, []);
  });

  const scopes: [title: string, scope: string | undefined, policy: string, expected: string][] = [
    ["none is all that the policy holds of the token", undefined, ALL, "env:write org:read"],
    ["none, and the policy holds less", undefined, "env:read org:write", "env:read org:read"],
    ["some of the token", "org:read", ALL, "org:read"],
    ["one that the token's includes", "env:read", ALL, "env:read"],
    ["of the token but beyond the policy", "env:write org:read", "org:read", "org:read"],
    ["beyond the token", "org:write", ALL, "error invalid_scope"],
    ["partly beyond the token", "org:read org:write", ALL, "error invalid_scope"],
    ["unknown", "nothing:here", ALL, "error invalid_scope"],
    ["nothing within the policy", "env:read", "org:read", "error invalid_scope"],
  ];
  for (const [title, scope, policy, expected] of scopes) {
    test(`T15: an exchange narrows: ${title}`, async () => {
      const answer = await outcome(exchange(signed.tokens.access_token, { scope }, { by: await site.agent(policy) }));
      assert.equal(typeof answer === "string" ? `error ${answer}` : answer.scope, expected);
    });
  }

  test("T15: a narrowed token cannot be widened again", async () => {
    const { access_token } = await exchange(signed.tokens.access_token, { scope: "env:read" });
    assert.equal(await outcome(exchange(access_token, { scope: "env:write" })), "invalid_scope");
    assert.equal((await exchange(access_token)).scope, "env:read");
  });

  test("environments of the grant bind what is exchanged from it", async () => {
    const client = await site.client();
    const grant = await site.consent(client, await site.person("member"), { environments: '["env_1"]' });
    const code = await site.code(grant);
    const pkce = { redirect_uri: "https://app.example/callback", code_verifier: "v".repeat(43) };
    const { access_token } = await site.ask(client, "authorization_code", { code, ...pkce });
    const child = await exchange(access_token);
    assert.deepEqual((await site.verify(child.access_token))?.environments, ["env_1"]);
  });

  test("T16: a token that is bound to a key is exchanged only with a proof of that key, and stays bound", async () => {
    const own = await site.signIn({ jkt: JKT });
    for (const jkt of [undefined, "b".repeat(43)])
      assert.equal(await outcome(exchange(own.tokens.access_token, {}, { jkt })), "invalid_request");
    const answer = await exchange(own.tokens.access_token, {}, { jkt: JKT });
    assert.equal(answer.token_type, "DPoP");
    assert.deepEqual(decode(answer.access_token).claims["cnf"], { jkt: JKT });
  });

  test("only agents of the same workspace may exchange a token", async () => {
    await site.store.db.insertInto("workspace").values({ id: "wks_other", name: "Other", created_at: 1 }).execute();
    const id = "cl_elsewhere";
    const grant = {
      ...signed.grant,
      id: "gr_elsewhere",
      kind: "standing" as const,
      workspace_id: "wks_other",
      client_id: id,
      subject: id,
      redirect_host: null,
    };
    const by: ClientRow = { ...agent, id, workspace_id: "wks_other", grant_id: grant.id };
    await site.store.clients.create(by, grant);
    assert.equal(await outcome(exchange(signed.tokens.access_token, {}, { by })), "invalid_request");
  });

  const refused: [title: string, params: Params, error: string][] = [
    ["no subject token", { subject_token: undefined }, "invalid_request"],
    ["no type", { subject_token_type: undefined }, "invalid_request"],
    ["another type of subject token", { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" }, "invalid_request"],
    ["another type of token requested", { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" }, "invalid_request"],
    ["an actor token", { actor_token: "x", actor_token_type: ACCESS_TOKEN }, "invalid_request"],
    ["another resource", { resource: "https://other.example" }, "invalid_target"],
    ["another audience", { audience: "https://other.example" }, "invalid_target"],
  ];
  for (const [title, params, error] of refused) {
    test(`refused with ${error}: ${title}`, async () => {
      assert.equal(await outcome(exchange(signed.tokens.access_token, params)), error);
    });
  }

  for (const kind of ["registered", "document"] as const) {
    test(`refused with unauthorized_client: a ${kind} client`, async () => {
      const by = await site.client({ kind, id: `${ISSUER}/${kind}` });
      assert.equal(await outcome(exchange(signed.tokens.access_token, {}, { by })), "unauthorized_client");
    });
  }
});
