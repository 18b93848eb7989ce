import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ClientRow } from "../../../src/store/index.ts";
import { ALL, createSite, decode, outcome, type Params, type Site } from "./support.ts";

describe("client credentials", () => {
  let site: Site;
  let agent: ClientRow;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) });
    agent = await site.agent("org:write env:read");
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const ask = (params: Params = {}, by = agent, jkt?: string) => site.ask(by, "client_credentials", params, { jkt });

  const scopes: [title: string, scope: string | undefined, expected: string][] = [
    ["none is the whole policy", undefined, "env:read org:write"],
    ["an empty list counts as none", "  ", "env:read org:write"],
    ["one of the policy", "env:read", "env:read"],
    ["one that the policy includes", "org:read", "org:read"],
    ["spaces around and between do no harm", " org:read   env:read ", "env:read org:read"],
    ["what is beyond the policy is left out, with what it includes", "org:write env:write", "org:write"],
    ["unknown ones are left out", "org:read nothing:here", "org:read"],
    ["only beyond the policy", "env:write", "error invalid_scope"],
    ["only unknown", "admin offline_access", "error invalid_scope"],
    ["not a list of scopes", 'org:read "', "error invalid_scope"],
  ];
  for (const [title, scope, expected] of scopes) {
    test(`T15: scope, ${title}`, async () => {
      const answer = await outcome(ask({ scope }));
      assert.equal(typeof answer === "string" ? `error ${answer}` : answer.scope, expected);
      if (typeof answer !== "string") assert.equal(decode(answer.access_token).claims["scope"], expected);
    });
  }

  test("an agent is its own subject; no family, refresh token or actor comes with its token", async () => {
    const { access_token, ...shown } = await ask();
    const { iat: _iat, exp: _exp, jti: _jti, ...claims } = decode(access_token).claims;
    assert.deepEqual(Object.keys(claims).sort(), ["aud", "client_id", "gid", "iss", "scope", "sub"]);
    assert.deepEqual([claims["sub"], claims["client_id"], claims["gid"]], [agent.id, agent.id, agent.grant_id]);
    assert.deepEqual(shown, { token_type: "Bearer", expires_in: 900, scope: "env:read org:write" });
    assert.ok(await site.verify(access_token));
  });

  test("a token for a request with a proof is bound to its key", async () => {
    const jkt = "a".repeat(43);
    const answer = await ask({}, agent, jkt);
    assert.equal(answer.token_type, "DPoP");
    assert.deepEqual(decode(answer.access_token).claims["cnf"], { jkt });
  });

  test("the policy is read anew each time, whatever the request's row says", async () => {
    const own = await site.agent(ALL);
    await site.store.db.updateTable("client").set({ scopes: "env:read" }).where("id", "=", own.id).execute();
    assert.equal((await ask({}, own)).scope, "env:read");
  });

  const refused: [title: string, error: string, change: (own: ClientRow) => Promise<unknown>][] = [
    ["the client was disabled", "invalid_client", ({ id }) => site.store.clients.disable(id, site.now())],
    ["the grant was revoked", "unauthorized_client", ({ grant_id }) => site.store.grants.revoke(grant_id ?? "", site.now())],
    [
      "the grant has expired",
      "unauthorized_client",
      ({ grant_id }) =>
        site.store.db
          .updateTable("access_grant")
          .set({ expires_at: site.now() })
          .where("id", "=", grant_id ?? "")
          .execute(),
    ],
    ["the record cannot be written", "temporarily_unavailable", async () => site.loseRecord(true)],
  ];
  for (const [title, error, change] of refused) {
    test(`refused with ${error} when ${title}`, async () => {
      const own = await site.agent(ALL);
      await change(own);
      assert.equal(await outcome(ask({}, own)), error);
      site.loseRecord(false);
    });
  }

  test("T26: a client that no operator made gets none, whatever it says about itself", async () => {
    for (const kind of ["registered", "document"] as const) {
      const own = await site.client({ kind, id: `https://${kind}.example/client`, metadata: '{"grant_types":["client_credentials"]}' });
      assert.equal(await outcome(ask({}, own)), "unauthorized_client");
    }
  });

  for (const resource of ["https://other.example/mcp", "https://mcp.example.com/mcp/x", ""]) {
    test(`T01: refused with invalid_target: the resource ${JSON.stringify(resource)}`, async () => {
      assert.equal(await outcome(ask({ resource })), "invalid_target");
    });
  }
});
