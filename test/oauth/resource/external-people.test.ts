import assert from "node:assert/strict";
import { test } from "node:test";
import { createExternalRows, introspectionOf, type ExternalRows } from "../support/external-rows.ts";
import { startOtherIssuer, type OtherIssuer } from "../support/other-issuer.ts";
import { outcome, RESOURCE, WORKSPACE } from "../support/resource-rows.ts";

const ALL = "env:read env:write org:read org:write";

function claims(other: OtherIssuer, rows: ExternalRows, more: Record<string, unknown> = {}): Record<string, unknown> {
  const iat = Math.floor(rows.now() / 1000);
  return { iss: other.issuer, aud: RESOURCE, sub: "them:1", client_id: "their-app", scope: ALL, iat, exp: iat + 900, ...more };
}

test("T14: a subject that is one of our accounts holds no more than its role; one that is none holds what the catalogue has", async (t) => {
  const other = await startOtherIssuer(t);
  const rows = await createExternalRows(t, other);
  const verifier = await rows.external();
  const person = await rows.person("member");
  const outsider = await rows.person();
  await rows.link("them:member", person);
  await rows.link("them:outsider", outsider);
  const [member, stranger] = [await other.sign(claims(other, rows, { sub: "them:member" })), await other.sign(claims(other, rows))];
  const known = await outcome(verifier.verify(member));
  assert.ok(typeof known === "object");
  assert.deepEqual([known.subject, known.scopes.granted], [person, ["env:read", "env:write", "org:read"]]);
  const unknown = await outcome(verifier.verify(stranger));
  assert.ok(typeof unknown === "object");
  assert.deepEqual([unknown.subject, unknown.scopes.granted], ["them:1", ALL.split(" ")]);
  for (const sub of ["them:outsider", person, "acc_anybody"])
    assert.equal(await outcome(verifier.verify(await other.sign(claims(other, rows, { sub })))), "invalid_token", sub);

  await rows.store.db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", person).execute();
  await verifier.refresh();
  assert.equal(verifier.isValid(known), false);
  assert.equal(verifier.isValid(unknown), true);
  const demoted = await outcome(verifier.verify(member));
  assert.ok(typeof demoted === "object");
  assert.deepEqual(demoted.scopes.granted, ["env:read", "org:read"]);
  await rows.store.db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", person).execute();
  await verifier.refresh();
  assert.equal(await outcome(verifier.verify(member)), "invalid_token");
  await rows.link("them:1", outsider);
  await verifier.refresh();
  assert.equal(await outcome(verifier.verify(stranger)), "invalid_token", "linked to an account that is in no workspace");
});

for (const kind of ["token", "client", "subject", "grant"] as const) {
  test(`T12: a ${kind} that is revoked here is refused here, elsewhere and after a restart`, async (t) => {
    const other = await startOtherIssuer(t);
    const rows = await createExternalRows(t, other);
    const [here, there] = [await rows.external(), await rows.external()];
    const token = await other.sign(claims(other, rows, { jti: "theirs" }));
    const bystander = await other.sign(claims(other, rows, { sub: "them:2", client_id: "another-app" }));
    for (const verifier of [here, there]) assert.equal(typeof (await outcome(verifier.verify(token))), "object");
    await here.revoke(kind, { token: "theirs", client: "their-app", subject: "them:1", grant: "ext:their-app" }[kind]);
    assert.equal(await outcome(here.verify(token)), "invalid_token");
    await there.refresh();
    const restarted = await rows.external();
    for (const verifier of [there, restarted]) {
      assert.equal(await outcome(verifier.verify(token)), "invalid_token");
      assert.equal(typeof (await outcome(verifier.verify(bystander))), "object");
    }
  });
}

test("T47: with several workspaces a token must name one that exists; with one it need not", async (t) => {
  const other = await startOtherIssuer(t);
  const rows = await createExternalRows(t, other);
  const verifier = await rows.external();
  const judge = async (more: Record<string, unknown>): Promise<string> => {
    const result = await outcome(verifier.verify(await other.sign(claims(other, rows, more))));
    return typeof result === "string" ? result : result.workspaceId;
  };
  assert.equal(await judge({}), WORKSPACE);
  await rows.store.db.insertInto("workspace").values({ id: "wks_2", name: "Second", created_at: 1 }).execute();
  assert.equal(await judge({}), "invalid_token");
  assert.equal(await judge({ workspace: "wks_2" }), "wks_2");
  for (const workspace of ["wks_none", "", 1, null, ["wks_2"]])
    assert.equal(await judge({ workspace }), "invalid_token", JSON.stringify(workspace));
});

test("T67: while the keys cannot be read no new token is accepted, and soon after they can all is well", async (t) => {
  const other = await startOtherIssuer(t);
  const rows = await createExternalRows(t, other);
  const verifier = await rows.external();
  other.isDown = true;
  const token = await other.sign(claims(other, rows));
  assert.equal(await outcome(verifier.verify(token)), "unavailable");
  other.isDown = false;
  rows.advance(2000);
  await verifier.refresh();
  assert.equal(typeof (await outcome(verifier.verify(token))), "object");
  other.isDown = true;
  assert.equal(typeof (await outcome(verifier.verify(await other.sign(claims(other, rows))))), "object", "keys that are known stay");
});

test("T12: a key that the server withdrew is withdrawn here within minutes, with the tokens that it signed", async (t) => {
  const other = await startOtherIssuer(t);
  const rows = await createExternalRows(t, other);
  const jwksUri = `${other.issuer}/their-keys`;
  other.answers.set("/their-keys", { keys: [other.publicJwk] });
  const verifier = await rows.external({ jwksUri });
  const token = await other.sign(claims(other, rows));
  assert.equal(typeof (await outcome(verifier.verify(token))), "object");
  other.answers.set("/their-keys", { keys: [] });
  rows.advance(300_000);
  await verifier.refresh();
  while ((other.asked.get("/their-keys") ?? 0) < 2 || typeof (await outcome(verifier.verify(token))) === "object") {
    await new Promise((resolve) => setImmediate(resolve));
    await verifier.refresh();
  }
  assert.equal(await outcome(verifier.verify(token)), "invalid_token");
});

test("a token that is no JWT is asked about, and what was answered counts for 30 seconds", async (t) => {
  const other = await startOtherIssuer(t, "opaque");
  const rows = await createExternalRows(t, other);
  const verifier = await rows.external({ introspection: introspectionOf(other) });
  const asked = (): number => other.asked.get("/token/introspection") ?? 0;
  const token = await other.token(RESOURCE, "org:write");
  const result = await outcome(verifier.verify(token));
  assert.ok(typeof result === "object");
  assert.deepEqual([result.clientId, result.scopes.granted, result.workspaceId], ["their agent", ["org:write"], WORKSPACE]);
  assert.ok(verifier.isValid(result));
  assert.equal(verifier.verify(token), result);
  assert.equal(asked(), 1);
  await other.revoke(token);
  rows.advance(29_000);
  await verifier.refresh();
  assert.equal(verifier.verify(token), result, "not yet asked again");
  rows.advance(1000);
  assert.equal(verifier.isValid(result), false, "open streams end");
  assert.equal(await outcome(verifier.verify(token)), "invalid_token");
  assert.equal(asked(), 2);
  for (const hostile of ["", "nothing", "a b", "\u0000", "x".repeat(5000)])
    assert.equal(await outcome(verifier.verify(hostile)), "invalid_token", hostile.slice(0, 10));
});

test("T01: an introspected token must be for this resource, by this issuer, and say until when", async (t) => {
  const other = await startOtherIssuer(t, "opaque");
  const rows = await createExternalRows(t, other);
  const verifier = await rows.external({ introspection: introspectionOf(other) });
  assert.equal(await outcome(verifier.verify(await other.token("https://other.example/mcp"))), "invalid_token");
  const good: Record<string, unknown> = { ...claims(other, rows), active: true };
  const cases: [Record<string, unknown>, string][] = [
    [{}, "accepted"],
    [{ iss: undefined }, "accepted"],
    [{ active: false }, "invalid_token"],
    [{ active: "true" }, "invalid_token"],
    [{ iss: "https://evil.example" }, "invalid_token"],
    [{ aud: undefined }, "invalid_token"],
    [{ exp: undefined }, "invalid_token"],
    [{ exp: good["iat"] }, "invalid_token"],
  ];
  for (const [i, [more, expected]] of cases.entries()) {
    other.answers.set("/token/introspection", { ...good, ...more });
    const result = await outcome(verifier.verify(`opaque-${i}`));
    assert.equal(typeof result === "string" ? result : "accepted", expected, JSON.stringify(more));
  }
  other.isDown = true;
  assert.equal(await outcome(verifier.verify("opaque-x")), "unavailable");
});
