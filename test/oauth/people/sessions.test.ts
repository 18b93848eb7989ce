import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sha256Hex } from "../../../src/lib/secret.ts";
import { createPeople } from "../../../src/oauth/people/index.ts";
import { accepted, ADDRESS, cookieOf, PASSWORD, startPeople } from "./support/people.ts";

const HOUR_MS = 3_600_000;
const EMAIL = "ada@acme.example";

describe("sessions", () => {
  for (const [url, pattern] of [
    ["https://remit.example", /^__Host-remit_session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax; Secure$/],
    ["http://localhost:3000", /^remit_session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/],
  ] as const) {
    test(`the cookie of ${url} is for that origin only and out of reach of scripts`, async (t) => {
      const { account, signIn, people } = await startPeople(t, { url });
      const { cookie, session } = await signIn(await account(EMAIL));
      assert.match(cookie, pattern);
      assert.deepEqual(await people.session(`theme=dark; ${cookieOf(cookie)}; lang=en`), session);
    });
  }

  test("the store has the SHA-256 of the cookie's value, and nothing from which it follows", async (t) => {
    const { account, signIn, store, events, logLines } = await startPeople(t);
    const { cookie, session } = await signIn(await account(EMAIL));
    const value = cookieOf(cookie).split("=")[1] ?? "";
    const rows = await store.db.selectFrom("session").selectAll().execute();
    assert.equal(rows[0]?.id_hash, sha256Hex(value));
    for (const text of [JSON.stringify(rows), JSON.stringify(events), logLines.join(), JSON.stringify(session)])
      assert.ok(!text.includes(value));
  });

  test("each sign-in gives a new value, and one that a stranger chose is never taken over", async (t) => {
    const { account, signIn, people } = await startPeople(t);
    const accountId = await account(EMAIL);
    const planted = "A".repeat(43);
    const [one, two] = [await signIn(accountId), await signIn(accountId)];
    assert.notEqual(one.cookie, two.cookie);
    assert.notEqual(one.session.csrf, two.session.csrf);
    assert.equal(await people.session(`__Host-remit_session=${planted}`), undefined);
  });

  const COOKIES: readonly (readonly [string, (cookie: string) => string | undefined])[] = [
    ["no cookie", () => undefined],
    ["an empty header", () => ""],
    ["an empty value", () => "__Host-remit_session="],
    ["the value under the name of another site's making", (cookie) => cookie.replace("__Host-", "")],
    ["two values", (cookie) => `__Host-remit_session=${"A".repeat(43)}; ${cookie}`],
    ["a value with a letter more", (cookie) => `${cookie}A`],
    ["the stored hash", (cookie) => `__Host-remit_session=${sha256Hex(cookie.split("=")[1] ?? "")}`],
    ["a value with SQL", () => "__Host-remit_session=' or 1=1 --"],
  ];
  for (const [title, change] of COOKIES) {
    test(`${title} is no session`, async (t) => {
      const { account, signIn, people } = await startPeople(t);
      const { cookie } = await signIn(await account(EMAIL));
      assert.equal(await people.session(change(cookieOf(cookie))), undefined);
      assert.ok(await people.session(cookieOf(cookie)));
    });
  }

  test("a session ends twelve hours after sign-in, however busy it was", async (t) => {
    const { account, signIn, people, store, advance } = await startPeople(t);
    const { cookie } = await signIn(await account(EMAIL));
    for (let hour = 0; hour < 11; hour++) {
      advance(HOUR_MS);
      assert.ok(await people.session(cookieOf(cookie)));
    }
    advance(HOUR_MS - 1);
    assert.ok(await people.session(cookieOf(cookie)));
    assert.equal(await people.sweep(), 1, "the used link; the session is live");
    advance(1);
    assert.equal(await people.session(cookieOf(cookie)), undefined);
    assert.equal(await people.sweep(), 1);
    assert.deepEqual(await store.db.selectFrom("session").selectAll().execute(), []);
  });

  test("signing out ends the session on the server and at the browser, once on record", async (t) => {
    const { account, signIn, people, events } = await startPeople(t);
    const accountId = await account(EMAIL);
    const [one, two] = [await signIn(accountId), await signIn(accountId)];
    for (let i = 0; i < 2; i++) {
      const removed = await people.signOut(one.session);
      assert.equal(removed, "__Host-remit_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
    assert.equal(await people.session(cookieOf(one.cookie)), undefined);
    assert.ok(await people.session(cookieOf(two.cookie)));
    const out = events.filter(({ event }) => event === "signed_out");
    assert.deepEqual(out, [{ event: "signed_out", accountId, isEverywhere: false }]);
  });

  test("signing out everywhere ends all sessions of the account and no other's", async (t) => {
    const { account, signIn, people } = await startPeople(t);
    const accountId = await account(EMAIL);
    const own = [await signIn(accountId), await signIn(accountId)];
    const other = await signIn(await account("bob@acme.example"));
    await people.signOutEverywhere((own[0] ?? other).session);
    for (const { cookie } of own) assert.equal(await people.session(cookieOf(cookie)), undefined);
    assert.ok(await people.session(cookieOf(other.cookie)));
  });

  test("the form token belongs to its session and to this server's key", async (t) => {
    const { account, signIn, people, deps } = await startPeople(t);
    const { cookie, session } = await signIn(await account(EMAIL));
    assert.match(session.csrf, /^[A-Za-z0-9_-]{43}$/);
    assert.equal((await people.session(cookieOf(cookie)))?.csrf, session.csrf);
    const other = createPeople({ ...deps, masterKey: Buffer.alloc(32, 7) });
    assert.notEqual((await other.session(cookieOf(cookie)))?.csrf, session.csrf);
  });
});

describe("sign-in links", () => {
  test("a link signs in once; looking at it does not use it up", async (t) => {
    const { account, people, events, store, now } = await startPeople(t);
    const accountId = await account(EMAIL);
    const secret = (await people.createSignInLink(accountId)) ?? "";
    assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
    for (let i = 0; i < 3; i++) assert.equal((await people.findLinkAccount(secret))?.id, accountId);
    const { session } = accepted(await people.signInWithLink(secret, ADDRESS));
    assert.deepEqual([session.accountId, session.state], [accountId, "full"]);
    assert.equal(await people.findLinkAccount(secret), undefined);
    assert.ok("problem" in (await people.signInWithLink(secret, ADDRESS)));
    const rows = await store.db.selectFrom("sign_in_link").selectAll().execute();
    assert.equal(rows[0]?.id_hash, sha256Hex(secret));
    assert.ok(!JSON.stringify([rows, events]).includes(secret));
    assert.deepEqual(events.slice(1), [
      { event: "sign_in_link_created", accountId, expiresAt: now() + 900_000 },
      { event: "signed_in", accountId, method: "link", state: "full", address: ADDRESS },
    ]);
  });

  test("of fifty who use a link at once, exactly one is signed in", async (t) => {
    const { account, people, store } = await startPeople(t);
    const secret = (await people.createSignInLink(await account(EMAIL))) ?? "";
    const results = await Promise.all(Array.from({ length: 50 }, () => people.signInWithLink(secret, ADDRESS)));
    assert.equal(results.filter((result) => "session" in result).length, 1);
    assert.equal((await store.db.selectFrom("session").select("id_hash").execute()).length, 1);
  });

  test("a used, an expired and an unknown link give the same answer", async (t) => {
    const { account, people, advance, refusals } = await startPeople(t);
    const accountId = await account(EMAIL);
    const [used, expired, short] = [
      (await people.createSignInLink(accountId)) ?? "",
      (await people.createSignInLink(accountId)) ?? "",
      (await people.createSignInLink(accountId, 60)) ?? "",
    ];
    await people.signInWithLink(used, ADDRESS);
    advance(60_000);
    const answers = [await people.signInWithLink(short, ADDRESS)];
    advance(840_000);
    for (const secret of [used, expired, "A".repeat(43), "", "'"]) answers.push(await people.signInWithLink(secret, ADDRESS));
    for (const answer of answers)
      assert.deepEqual(answer, { problem: "This sign-in link was used, has expired or was never made. Ask for a new one." });
    assert.deepEqual(
      refusals,
      answers.map(() => ({ method: "link", address: ADDRESS })),
    );
  });

  test("a link is good until the last moment of its life", async (t) => {
    const { account, people, advance } = await startPeople(t);
    const secret = (await people.createSignInLink(await account(EMAIL), 3600)) ?? "";
    advance(HOUR_MS - 1);
    accepted(await people.signInWithLink(secret, ADDRESS));
  });

  test("there is no link for an account that does not exist", async (t) => {
    const { people, events } = await startPeople(t);
    assert.equal(await people.createSignInLink("acc_none"), undefined);
    assert.deepEqual(events, []);
  });

  test("T71: no secret of a person is in a record, a log line or a column in plain text", async (t) => {
    const { withPassword, people, store, events, logLines } = await startPeople(t);
    const accountId = await withPassword(EMAIL);
    const secret = (await people.createSignInLink(accountId)) ?? "";
    const unused = (await people.createSignInLink(accountId)) ?? "";
    const { cookie } = accepted(await people.signInWithLink(secret, ADDRESS));
    await people.signInWithPassword({ email: EMAIL, password: "wrong but mine all the same", address: ADDRESS });
    const tables = ["account", "session", "sign_in_link", "oidc_payload"] as const;
    const rows = await Promise.all(tables.map((table) => store.db.selectFrom(table).selectAll().execute()));
    const everything = JSON.stringify([events, logLines, rows]);
    for (const canary of [PASSWORD, "wrong but mine", secret, unused, cookieOf(cookie).split("=")[1] ?? ""]) {
      assert.ok(canary.length > 10 && !everything.includes(canary));
    }
  });
});
