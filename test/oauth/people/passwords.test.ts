import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeriveKey, SignIn } from "../../../src/oauth/people/index.ts";
import { createPasswordHasher } from "../../../src/oauth/people/password-hash.ts";
import { accepted, ADDRESS, PASSWORD, quickKey, startPeople } from "./support/people.ts";

const MINUTE_MS = 60_000;
const EMAIL = "ada@acme.example";

describe("password hashes", () => {
  test("a password is kept as argon2id in PHC form with 19 MiB, two passes, one lane and a salt of its own", async () => {
    const { hash, verify } = createPasswordHasher();
    const [one, two] = await Promise.all([hash(PASSWORD), hash(PASSWORD)]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.notEqual(one, two);
    assert.deepEqual([await verify(PASSWORD, one), await verify(`${PASSWORD}.`, one), await verify(PASSWORD, null)], [true, false, false]);
  });

  test("a hash that another implementation made with other parameters is right too", async () => {
    // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    const { verify } = createPasswordHasher();
    assert.deepEqual([await verify("password", reference), await verify("Password", reference)], [true, false]);
  });

  for (const broken of ["", "plain", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"]) {
    test(`a stored hash ${JSON.stringify(broken.slice(0, 10))} is a fault and never a match`, async () => {
      await assert.rejects(createPasswordHasher(quickKey).verify("", broken), /PHC/);
    });
  }

  test("the same letters match however the keyboard composes them", async () => {
    const { hash, verify } = createPasswordHasher(quickKey);
    assert.equal(await verify("cafe\u0301 au lait au lit", await hash("caf\u00e9 au lait au lit")), true);
  });

  test("at most two hashes are under way at a time, and all get their turn, also after one fails", async () => {
    let [running, most, count] = [0, 0, 0];
    const derive: DeriveKey = async (password, parameters) => {
      most = Math.max(most, (running += 1));
      count += 1;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (password === "bad") throw new Error("no memory");
      return quickKey(password, parameters);
    };
    const { hash } = createPasswordHasher(derive);
    const done = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => hash(i % 3 === 0 ? "bad" : "good")));
    assert.deepEqual([running, most, count, done.filter(({ status }) => status === "rejected").length], [0, 2, 20, 7]);
  });
});

describe("sign-in by password", () => {
  test("the right password signs in, whatever the case of the address, and is on record without it", async (t) => {
    const { people, events, withPassword } = await startPeople(t);
    const accountId = await withPassword(EMAIL);
    const { session } = accepted(await people.signInWithPassword({ email: " ADA@acme.example", password: PASSWORD, address: ADDRESS }));
    assert.deepEqual([session.accountId, session.state], [accountId, "full"]);
    assert.deepEqual(events.slice(1), [
      { event: "password_set", accountId },
      { event: "signed_in", accountId, method: "password", state: "full", address: ADDRESS },
    ]);
    assert.ok(!JSON.stringify(events).includes(PASSWORD));
  });

  for (const [title, password, isAccepted] of [
    ["eleven characters are too few", "x".repeat(11), false],
    ["twelve characters are enough", "x".repeat(12), true],
    ["eleven faces are eleven characters", "😀".repeat(11), false],
    ["256 characters are not too many", "x".repeat(256), true],
    ["257 characters are too many", "x".repeat(257), false],
  ] as const) {
    test(`${title} for a password`, async (t) => {
      const { people, account, derived } = await startPeople(t);
      const problems = await people.setPassword(await account(EMAIL), password);
      assert.deepEqual(problems, isAccepted ? [] : ["password: use 12 to 256 characters"]);
      assert.equal(derived.length, isAccepted ? 1 : 0);
    });
  }

  test("a new password ends the old one and every session but the one that set it", async (t) => {
    const { people, store, withPassword, signIn } = await startPeople(t);
    const accountId = await withPassword(EMAIL);
    const [kept, other] = [await signIn(accountId), await signIn(accountId)];
    assert.notEqual(kept.session.idHash, other.session.idHash);
    assert.deepEqual(await people.setPassword(accountId, "another good password", kept.session), []);
    const rows = await store.db.selectFrom("session").select("id_hash").execute();
    assert.deepEqual(rows, [{ id_hash: kept.session.idHash }]);
    assert.ok("problem" in (await people.signInWithPassword({ email: EMAIL, password: PASSWORD, address: ADDRESS })));
    accepted(await people.signInWithPassword({ email: EMAIL, password: "another good password", address: ADDRESS }));
  });

  test("T31: an unknown account, one without a password, a disabled one and a wrong password get the same answer for the same work", async (t) => {
    const { people, account, withPassword, derived, refusals } = await startPeople(t);
    await withPassword("right@acme.example");
    await account("none@acme.example");
    await people.disableAccount(await withPassword("disabled@acme.example"));
    const cases = ["right", "none", "disabled", "unknown"].map((name) => `${name}@acme.example`);
    const answers: SignIn[] = [];
    for (const email of cases) {
      // The disabled account's own password, too: that it is right must not show.
      const password = email.startsWith("disabled") ? PASSWORD : "a wrong password";
      const before = derived.length;
      answers.push(await people.signInWithPassword({ email, password, address: ADDRESS }));
      assert.equal(derived.length - before, 1, email);
    }
    for (const answer of answers) assert.deepEqual(answer, { problem: "The email address or the password is not right." });
    assert.deepEqual(
      refusals,
      cases.map(() => ({ method: "password", address: ADDRESS })),
    );
  });

  test("T31: the decoy is derived with the parameters of a stored password", async (t) => {
    const seen: string[] = [];
    const deriveKey: DeriveKey = (password, parameters) => {
      const { memoryKib, passes, lanes, salt, tagBytes } = parameters;
      seen.push([memoryKib, passes, lanes, salt.length, tagBytes].join());
      return quickKey(password, parameters);
    };
    const { people, withPassword } = await startPeople(t, { deriveKey });
    await withPassword(EMAIL);
    for (const email of [EMAIL, "unknown@acme.example"]) await people.signInWithPassword({ email, password: "wrong", address: ADDRESS });
    assert.deepEqual(new Set(seen), new Set(["19456,2,1,16,32"]));
    assert.equal(seen.length, 3);
  });

  test("T31: the account's budget runs out after ten wrong passwords from anywhere, for accounts that exist and for others alike", async (t) => {
    const { people, withPassword, derived } = await startPeople(t);
    await withPassword(EMAIL);
    const runs: SignIn[][] = [];
    for (const email of [EMAIL, "unknown@acme.example"]) {
      const answers: SignIn[] = [];
      for (let i = 0; i < 12; i++) answers.push(await people.signInWithPassword({ email, password: "wrong", address: `198.51.100.${i}` }));
      runs.push(answers);
    }
    assert.deepEqual(runs[0], runs[1]);
    assert.deepEqual(
      runs[0]?.map((answer) => "retryAfterSeconds" in answer),
      [...Array<boolean>(10).fill(false), true, true],
    );
    assert.equal(derived.length, 1 + 20, "what is over budget costs no hash");
  });

  test("T31: an address that tries many accounts runs out of its own budget, and neighbours in its /64 with it", async (t) => {
    const { people } = await startPeople(t);
    const attempt = (i: number, address: string) => people.signInWithPassword({ email: `p${i}@acme.example`, password: "wrong", address });
    for (let i = 0; i < 20; i++) assert.ok(!("retryAfterSeconds" in (await attempt(i, `2001:db8:1:2::${i}`))));
    assert.ok("retryAfterSeconds" in (await attempt(20, "2001:db8:1:2:ffff::1")));
    assert.ok(!("retryAfterSeconds" in (await attempt(21, "2001:db8:1:3::1"))));
    assert.ok(!("retryAfterSeconds" in (await attempt(22, "::ffff:198.51.100.1"))));
  });

  test("T31: all together have a budget, whatever addresses and accounts are tried", async (t) => {
    const { people, derived } = await startPeople(t);
    for (let i = 0; i < 200; i++) await people.signInWithPassword({ email: `p${i}@x.example`, password: "wrong", address: `10.0.${i}.1` });
    assert.equal(derived.length, 50);
  });

  test("T31: an attacker who tries every second for an hour locks a victim out for at most 15 minutes, and never where the victim signed in before", async (t) => {
    const { people, advance, withPassword } = await startPeople(t);
    await withPassword(EMAIL);
    const home = { email: EMAIL, password: PASSWORD, address: ADDRESS };
    accepted(await people.signInWithPassword(home));
    for (let second = 0; second < 3650; second++) {
      await people.signInWithPassword({ email: EMAIL, password: "wrong", address: `198.51.${second % 250}.${second % 7}` });
      advance(1000);
      if (second % 600 === 0) accepted(await people.signInWithPassword(home));
    }
    const elsewhere = { ...home, address: "192.0.2.1" };
    const refused = await people.signInWithPassword(elsewhere);
    assert.ok("retryAfterSeconds" in refused && refused.retryAfterSeconds !== undefined && refused.retryAfterSeconds <= 900);
    advance(refused.retryAfterSeconds * 1000);
    accepted(await people.signInWithPassword(elsewhere));
  });

  test("T31: whoever comes with a link is not asked for the budgets", async (t) => {
    const { people, withPassword, signIn, advance } = await startPeople(t);
    const accountId = await withPassword(EMAIL);
    for (let i = 0; i < 60; i++) await people.signInWithPassword({ email: EMAIL, password: "wrong", address: ADDRESS });
    assert.ok("retryAfterSeconds" in (await people.signInWithPassword({ email: EMAIL, password: PASSWORD, address: ADDRESS })));
    await signIn(accountId);
    advance(15 * MINUTE_MS);
    accepted(await people.signInWithPassword({ email: EMAIL, password: PASSWORD, address: ADDRESS }));
  });

  test("a sign-in that cannot be put on record makes no session", async (t) => {
    let isFull = false;
    const onEvent = () => (isFull ? Promise.reject(new Error("the ledger is full")) : Promise.resolve());
    const { people, store, withPassword } = await startPeople(t, { onEvent });
    await withPassword(EMAIL);
    isFull = true;
    await assert.rejects(people.signInWithPassword({ email: EMAIL, password: PASSWORD, address: ADDRESS }), /the ledger is full/);
    assert.deepEqual(await store.db.selectFrom("session").selectAll().execute(), []);
  });
});
