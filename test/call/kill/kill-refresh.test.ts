/** Refresh tokens and grants of people against kills, and against rows that change under them; the store is slow, so that they race. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { KillKind } from "../../../src/store/index.ts";
import { connect, delayStore, refresh, register, type Tokens } from "../../support/connection.ts";
import { outcome, startIssuer, WORKSPACE, type Person, type TestIssuer } from "../../support/issuer.ts";

const FAMILIES = 6;

describe("with a slow store", () => {
  let it: TestIssuer;
  let count = 0;
  const closing: (() => unknown)[] = [];
  before(async () => {
    it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) });
    delayStore(it.store);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  /** What the store is told of a kill, as the kill switch does it. */
  async function killRows(kind: KillKind, value: string) {
    const at = it.now();
    const undone = { reason: null, ordered_by: null, applied_at: null, accepted: null, refused: null, lifted_at: null };
    const row = { id: `kill_${++count}`, kind, value, workspace_id: kind === "workspace" ? value : null, ordered_at: at, ...undone };
    await it.store.kills.add(row);
    if (kind === "agent") await it.store.clients.disable(value, at);
    if (kind === "user") await it.people.disableAccount(value);
    if (kind !== "workspace") await it.verifier.revoke(kind === "agent" ? "client" : kind === "user" ? "subject" : "grant", value);
    await it.verifier.refresh();
    await it.store.kills.end(row, it.now());
    return row;
  }

  const grantOf = async ({ clientId }: Tokens) =>
    (await it.store.db.selectFrom("access_grant").select("id").where("client_id", "=", clientId).executeTakeFirstOrThrow()).id;

  async function left(tokens: Tokens): Promise<number> {
    const rows = await it.store.db.selectFrom("refresh_token").select("id_hash").where("client_id", "=", tokens.clientId).execute();
    return rows.length;
  }

  const KINDS: [KillKind, (tokens: Tokens, person: Person) => string | Promise<string>][] = [
    ["agent", ({ clientId }) => clientId],
    ["grant", grantOf],
    ["user", (_tokens, { accountId }) => accountId],
    ["workspace", () => WORKSPACE],
  ];
  for (const [kind, valueOf] of KINDS) {
    test(`T12: refreshes that race the kill of their ${kind} leave no access token that works and no refresh token, also once it is lifted`, async () => {
      const person = await it.person("admin");
      const clientId = await register(it);
      const meant: Tokens[] = [];
      for (let n = 0; n < FAMILIES; n++) meant.push(await connect(it, person, { clientId }));
      const [first] = meant;
      assert.ok(first !== undefined);
      const racing = meant.map((tokens) => refresh(it, tokens));
      const row = await killRows(kind, await valueOf(first, person));
      const answers = await Promise.all(racing);
      const check = async () => {
        for (const { status, json } of answers) {
          if (status === 200) assert.equal(await outcome(it.verifier.verify(String(json["access_token"]))), "invalid_token");
        }
        for (const tokens of meant) {
          assert.equal(await outcome(it.verifier.verify(tokens.accessToken)), "invalid_token");
          assert.equal(await left(tokens), 0);
          assert.notEqual((await refresh(it, tokens)).status, 200);
        }
      };
      await check();
      if (kind === "grant") return;
      await it.store.kills.lift(row.id, it.now());
      if (kind === "agent") await it.store.clients.enable(row.value);
      if (kind === "user") await it.people.enableAccount(row.value);
      await it.verifier.refresh();
      await check();
    });
  }

  const CHANGES: [string, (person: Person) => Promise<unknown>][] = [
    ["is removed from the workspace", ({ accountId }) => it.store.db.deleteFrom("member").where("account_id", "=", accountId).execute()],
    [
      "becomes a viewer",
      ({ accountId }) => it.store.db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", accountId).execute(),
    ],
  ];
  for (const [what, change] of CHANGES) {
    test(`T12: when a member ${what}, whoever does that, tokens that are known and streams that are open are what the row says at the next look`, async () => {
      // Past the second in which the kill of the workspace was lifted.
      it.advance(2000);
      await it.verifier.refresh();
      const person = await it.person("admin");
      const tokens = await connect(it, person, { more: { scope: "env:write" }, consent: { scopes: ["env:write"] } });
      const held = await it.verifier.verify(tokens.accessToken);
      assert.ok("scopes" in held && it.verifier.isValid(held));
      await change(person);
      await it.verifier.refresh();
      assert.equal(it.verifier.isValid(held), false, "its streams end");
      const now = await it.verifier.verify(tokens.accessToken);
      const refreshed = await refresh(it, tokens);
      if (what === "becomes a viewer") {
        assert.ok("scopes" in now && now.scopes.held.size < held.scopes.held.size);
        const scopes = String(refreshed.json["scope"]).split(" ");
        assert.ok(refreshed.status !== 200 || scopes.every((scope) => now.scopes.held.has(scope)));
      } else {
        assert.ok("refused" in now);
        assert.deepEqual([refreshed.status, refreshed.json["error"]], [400, "invalid_grant"]);
      }
    });
  }
});
