/** What may happen once happens once, over HTTP, while the store is slow. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  askPerson,
  connect,
  delayStore,
  DEVICE_CODE,
  redeem,
  refresh,
  register,
  REDIRECT,
  tokensOf,
  type Tokens,
} from "../support/connection.ts";
import { decode, outcome, startIssuer, type Answer, type Person, type TestIssuer } from "../support/issuer.ts";
import { authorizeUrl, createPkce } from "../support/person.ts";
import type { Page, Visitor } from "../support/visitor.ts";

const PARALLEL = 50;

function parallel<R>(attempt: () => Promise<R>): Promise<R[]> {
  return Promise.all(Array.from({ length: PARALLEL }, attempt));
}

/** How many were answered with each status and error code. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const key = status === 200 ? "200" : `${status} ${String(json["error"])}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function cookieOf({ cookies }: Visitor): Record<string, string> {
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
}

/** Presses allow; gives the address to which the browser is then sent on this server. */
async function allow(visitor: Visitor, page: Page): Promise<string | undefined> {
  const { html } = await visitor.submit(page, { press: "Allow what is ticked" }, /interaction/);
  return /http-equiv="refresh" content="0; ?url=([^"]+)"/i.exec(html)?.[1]?.replaceAll("&amp;", "&");
}

async function isDead(it: TestIssuer, tokens: Tokens): Promise<void> {
  assert.equal(await outcome(it.verifier.verify(tokens.accessToken)), "invalid_token");
  const answer = await refresh(it, tokens);
  assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"], answer.text);
}

describe("with a slow store", () => {
  let it: TestIssuer;
  let owner: Person;
  const closing: (() => unknown)[] = [];
  before(async () => {
    it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) });
    delayStore(it.store);
    owner = await it.person("owner");
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test("T21: of 50 parallel redemptions of a code one succeeds, and the others end what it got", async () => {
    const sent = await askPerson(it, owner, { clientId: await register(it) });
    const answers = await parallel(() => redeem(it, sent));
    assert.deepEqual(tally(answers), { "200": 1, "400 invalid_grant": PARALLEL - 1 });
    const winner = answers.find(({ status }) => status === 200);
    assert.ok(winner !== undefined);
    await isDead(it, tokensOf(sent.clientId, winner));
    assert.ok(it.events.some(({ event }) => event === "code_replayed"));
  });

  test("T21: of 50 parallel returns from one decision one gets a code", async () => {
    const { challenge } = createPkce();
    const page = await owner.visitor.open(authorizeUrl(it.origin, { clientId: await register(it), redirectUri: REDIRECT, challenge }));
    const next = await allow(owner.visitor, page);
    assert.ok(next !== undefined);
    const headers = cookieOf(owner.visitor);
    const answers = await parallel(() => fetch(next, { redirect: "manual", headers }));
    const codes = answers.flatMap(({ headers: given }) => new URL(given.get("location") ?? it.origin).searchParams.getAll("code"));
    assert.equal(codes.length, 1);
  });

  test("PAR: however often a pushed request is opened, and all are allowed at once, it gives one code", async () => {
    const clientId = await register(it);
    const form = {
      client_id: clientId,
      response_type: "code",
      redirect_uri: REDIRECT,
      code_challenge: createPkce().challenge,
      code_challenge_method: "S256",
    };
    const pushed = await it.post(form, {}, "/par");
    const query = new URLSearchParams({ client_id: clientId, request_uri: String(pushed.json["request_uri"]) });
    const pages = await Promise.all(Array.from({ length: 10 }, () => owner.visitor.open(`/authorize?${query}`)));
    const nexts = await Promise.all(pages.map((page) => allow(owner.visitor, page)));
    const ends = await Promise.all(nexts.map((next) => owner.visitor.open(next ?? "/account")));
    assert.equal(ends.filter(({ left }) => left?.searchParams.has("code")).length, 1);
  });

  test("T33: of 50 parallel polls for a device that was allowed one gets tokens", async () => {
    const clientId = await register(it);
    const { json } = await it.post({ client_id: clientId }, {}, "/device_authorization");
    const form = await owner.visitor.open("/device");
    const shown = await owner.visitor.submit(form, { fill: { user_code: String(json["user_code"]) } }, /device/);
    const done = await owner.visitor.submit(shown, { press: "Allow what is ticked" }, /device/);
    assert.equal(done.status, 200, done.html);
    const poll = { grant_type: DEVICE_CODE, client_id: clientId, device_code: String(json["device_code"]) };
    const answers = await parallel(() => it.post(poll));
    assert.deepEqual(tally(answers), { "200": 1, "400 invalid_grant": PARALLEL - 1 });
  });

  test("T28: within the grace 50 parallel refreshes make one generation, every caller gets that same pair, and it works", async () => {
    const tokens = await connect(it, owner);
    const answers = await parallel(() => refresh(it, tokens));
    assert.deepEqual(tally(answers), { "200": PARALLEL });
    const pairs = new Set(answers.map(({ json }) => `${String(json["access_token"])} ${String(json["refresh_token"])}`));
    assert.equal(pairs.size, 1);
    const family = String(decode(tokens.accessToken).claims["fid"]);
    const rows = await it.store.db.selectFrom("refresh_token").select("used_at").where("family_id", "=", family).execute();
    assert.deepEqual([rows.length, rows.filter((row) => row.used_at === null).length], [2, 1]);
    const [first] = answers;
    assert.ok(first !== undefined);
    const next = tokensOf(tokens.clientId, first);
    assert.notEqual(await outcome(it.verifier.verify(next.accessToken)), "invalid_token");
    assert.equal((await refresh(it, next)).status, 200);
  });
});

test("T28: without a grace one of 50 parallel refreshes succeeds, and the family ends", async (t) => {
  const it = await startIssuer(t, { refresh: { graceSeconds: 0, idleSeconds: 86_400, maxSeconds: 864_000 } });
  delayStore(it.store);
  const tokens = await connect(it, await it.person("owner"));
  const answers = await parallel(() => refresh(it, tokens));
  assert.deepEqual(tally(answers), { "200": 1, "400 invalid_grant": PARALLEL - 1 });
  const winner = answers.find(({ status }) => status === 200);
  assert.ok(winner !== undefined);
  await isDead(it, tokensOf(tokens.clientId, winner));
  await isDead(it, tokens);
});

test("a device that is refused in the moment in which it is allowed gets nothing, and no grant is left behind", async (t) => {
  const it = await startIssuer(t);
  const { visitor } = await it.person("owner");
  const clientId = await register(it);
  const { json } = await it.post({ client_id: clientId }, {}, "/device_authorization");
  const shown = await visitor.submit(await visitor.open("/device"), { fill: { user_code: String(json["user_code"]) } }, /device/);
  const { decide } = it.store.devices;
  // The refusal from another tab of the same session arrives just before the approval is written.
  Object.assign(it.store.devices, {
    async decide(...[id, session, decision]: Parameters<typeof decide>) {
      if (decision.state === "approved") await decide(id, session, { state: "denied" });
      return decide(id, session, decision);
    },
  });
  await visitor.submit(shown, { press: "Allow what is ticked" }, /device/);
  const poll = await it.post({ grant_type: DEVICE_CODE, client_id: clientId, device_code: String(json["device_code"]) });
  assert.equal(poll.json["error"], "access_denied");
  const left = await it.store.db
    .selectFrom("access_grant")
    .select("id")
    .where("client_id", "=", clientId)
    .where("revoked_at", "is", null)
    .execute();
  assert.deepEqual(left, []);
});

test("T21: a code that is a minute old gives nothing", async (t) => {
  const it = await startIssuer(t);
  const person = await it.person("owner");
  const clientId = await register(it);
  const [used, late] = [await askPerson(it, person, { clientId }), await askPerson(it, person, { clientId })];
  it.advance(55_000);
  await it.verifier.refresh();
  assert.equal((await redeem(it, used)).status, 200);
  it.advance(6000);
  const answer = await redeem(it, late);
  assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"]);
});
