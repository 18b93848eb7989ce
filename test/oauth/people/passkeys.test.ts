import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Session, SignIn } from "../../../src/oauth/people/index.ts";
import { accepted, ADDRESS, cookieOf, ORIGIN, PASSWORD, startPeople, type TestPeople } from "./support/people.ts";
import {
  type Authenticator,
  createAuthenticator,
  type CreationOptions,
  type Deviation,
  type RequestOptions,
} from "./support/software-authenticator.ts";

const EMAIL = "ada@acme.example";
const UNUSABLE = { problem: "This passkey could not be used here. Try again, or sign in another way." };
const NOT_ADDED = { problem: "This passkey could not be added. Start again from the account page." };

interface Owner {
  readonly accountId: string;
  readonly session: Session;
  readonly authenticator: Authenticator;
}

/** An account with a password and a passkey. */
async function startOwner(as: TestPeople, email = EMAIL): Promise<Owner> {
  const accountId = await as.withPassword(email);
  const { session } = await as.signIn(accountId);
  const authenticator = createAuthenticator(ORIGIN);
  const options = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
  assert.deepEqual(await as.people.passkeys.register(session, authenticator.create(options), "Laptop"), { id: authenticator.id });
  return { accountId, session, authenticator };
}

async function present(as: TestPeople, authenticator: Authenticator, more: Deviation & { session?: Session } = {}): Promise<SignIn> {
  const { session, ...deviation } = more;
  const options = (await as.people.passkeys.signInOptions(session)) as RequestOptions;
  return as.people.passkeys.signIn({ response: authenticator.get(options, deviation), address: ADDRESS, session });
}

describe("adding a passkey", () => {
  test("the options ask for a discoverable passkey with user verification, and name those that the account has", async (t) => {
    const as = await startPeople(t);
    const { session, accountId, authenticator } = await startOwner(as);
    const options = (await as.people.passkeys.registerOptions(session)) as Record<string, Record<string, unknown>>;
    assert.deepEqual([options["rp"]?.["id"], options["attestation"]], ["remit.example", "none"]);
    assert.equal(options["authenticatorSelection"]?.["residentKey"], "required");
    assert.equal(options["authenticatorSelection"]?.["userVerification"], "required");
    assert.equal(Buffer.from(String(options["user"]?.["id"]), "base64url").toString(), accountId);
    assert.deepEqual(options["excludeCredentials"], [{ id: authenticator.id, type: "public-key", transports: ["internal", "hybrid"] }]);
  });

  test("an added passkey is listed with its name and on record", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    const expected = [{ id: authenticator.id, name: "Laptop", createdAt: as.now(), usedAt: null }];
    assert.deepEqual(await as.people.passkeys.list(accountId), expected);
    assert.deepEqual(as.events.at(-1), { event: "passkey_added", accountId, passkeyId: authenticator.id, name: "Laptop" });
  });

  const DEVIATIONS: readonly (readonly [string, Deviation])[] = [
    ["of another origin", { origin: "https://remit.example.evil.example" }],
    ["of this host over http", { origin: "http://remit.example" }],
    ["for another domain", { rpId: "evil.example" }],
    ["without user verification", { isVerified: false }],
    ["that is really a sign-in", { type: "webauthn.get" }],
    ["for a challenge that is not ours", { challenge: Buffer.from("e30.AAAA").toString("base64url") }],
    ["with an attestation, which nobody asked for and whose check may fetch from elsewhere", { isSelfAttested: true }],
  ];
  for (const [title, deviation] of DEVIATIONS) {
    test(`a passkey ${title} is not added`, async (t) => {
      const as = await startPeople(t);
      const { session } = await as.signIn(await as.account(EMAIL));
      const options = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
      const created = createAuthenticator(ORIGIN).create(options, deviation);
      assert.deepEqual(await as.people.passkeys.register(session, created, "Laptop"), NOT_ADDED);
      assert.deepEqual(await as.people.passkeys.list(session.accountId), []);
    });
  }

  for (const garbage of [undefined, null, "x", [], {}, { id: "a", rawId: "a", type: "public-key", response: {} }]) {
    test(`${JSON.stringify(garbage)} is no passkey`, async (t) => {
      const as = await startPeople(t);
      const { session } = await as.signIn(await as.account(EMAIL));
      assert.deepEqual(await as.people.passkeys.register(session, garbage, "Laptop"), NOT_ADDED);
      assert.deepEqual(await as.people.passkeys.signIn({ response: garbage, address: ADDRESS }), UNUSABLE);
    });
  }

  test("a challenge to add a passkey is good for its session, once, for five minutes, and not to sign in", async (t) => {
    const as = await startPeople(t);
    const { session, authenticator: held } = await startOwner(as);
    const stranger = await as.signIn(await as.account("eve@acme.example"));
    const options = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
    const add = (who: Session) => as.people.passkeys.register(who, createAuthenticator(ORIGIN).create(options), "Key");
    assert.deepEqual(await add(stranger.session), NOT_ADDED);
    const asSignIn = held.get({ challenge: options.challenge, rpId: "remit.example" });
    assert.deepEqual(await as.people.passkeys.signIn({ response: asSignIn, address: ADDRESS }), UNUSABLE);
    assert.ok("id" in (await add(session)));
    assert.deepEqual(await add(session), NOT_ADDED);
    const late = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
    as.advance(300_000);
    assert.deepEqual(await as.people.passkeys.register(session, createAuthenticator(ORIGIN).create(late), "Key"), NOT_ADDED);
  });

  test("a passkey that is registered already cannot be added to another account", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    const eve = await as.signIn(await as.account("eve@acme.example"));
    const options = (await as.people.passkeys.registerOptions(eve.session)) as CreationOptions;
    assert.deepEqual(await as.people.passkeys.register(eve.session, authenticator.create(options), "Mine"), NOT_ADDED);
    assert.equal((await as.people.passkeys.list(accountId))[0]?.name, "Laptop");
  });

  for (const name of ["", "x".repeat(81), "Key\u202e"]) {
    test(`a passkey cannot be named ${JSON.stringify(name.slice(0, 5))}`, async (t) => {
      const as = await startPeople(t);
      const { session } = await as.signIn(await as.account(EMAIL));
      const options = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
      const answer = await as.people.passkeys.register(session, createAuthenticator(ORIGIN).create(options), name);
      assert.deepEqual(answer, { problem: "Give the passkey a name of 1 to 80 visible characters." });
    });
  }

  test("a passkey is not added under the id of another", async (t) => {
    const as = await startPeople(t);
    const { session } = await as.signIn(await as.account(EMAIL));
    const options = (await as.people.passkeys.registerOptions(session)) as CreationOptions;
    const { id } = createAuthenticator(ORIGIN);
    const created = { ...createAuthenticator(ORIGIN).create(options), id, rawId: id };
    assert.deepEqual(await as.people.passkeys.register(session, created, "Laptop"), NOT_ADDED);
  });

  test("a passkey is removed by its own account only", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    const eve = await as.account("eve@acme.example");
    assert.equal(await as.people.passkeys.remove(eve, authenticator.id), false);
    assert.equal(await as.people.passkeys.remove(accountId, authenticator.id), true);
    assert.equal(await as.people.passkeys.remove(accountId, authenticator.id), false);
    assert.deepEqual(await present(as, authenticator), UNUSABLE);
    assert.deepEqual(
      as.events.filter(({ event }) => event === "passkey_removed"),
      [{ event: "passkey_removed", accountId, passkeyId: authenticator.id }],
    );
  });
});

describe("sign-in by passkey", () => {
  test("a passkey signs in fully, without a password or an address", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    const { session, cookie } = accepted(await present(as, authenticator));
    assert.deepEqual([session.accountId, session.state], [accountId, "full"]);
    assert.deepEqual(await as.people.session(cookieOf(cookie)), session);
    assert.equal((await as.people.passkeys.list(accountId))[0]?.usedAt, as.now());
    assert.deepEqual(as.events.at(-1), { event: "signed_in", accountId, method: "passkey", state: "full", address: ADDRESS });
  });

  const DEVIATIONS: readonly (readonly [string, Deviation])[] = [
    ["from another origin", { origin: "https://evil.example" }],
    ["from this host over http", { origin: "http://remit.example" }],
    ["for another domain", { rpId: "evil.example" }],
    ["without user verification", { isVerified: false }],
    ["of the wrong kind", { type: "webauthn.create" }],
    ["signed with another key", { isForged: true }],
    ["that names another account", { userHandle: Buffer.from("acc_other").toString("base64url") }],
    ["for a challenge that is not ours", { challenge: Buffer.from("e30.AAAA").toString("base64url") }],
    ["with a counter that went back", { counter: 1 }],
    ["with a counter of zero after it counted", { counter: 0 }],
  ];
  for (const [title, deviation] of DEVIATIONS) {
    test(`an assertion ${title} is refused with the usual words`, async (t) => {
      const as = await startPeople(t);
      const { authenticator } = await startOwner(as);
      assert.deepEqual(await present(as, authenticator, deviation), UNUSABLE);
      assert.deepEqual(as.refusals, [{ method: "passkey", address: ADDRESS }]);
      accepted(await present(as, authenticator));
    });
  }

  test("an assertion is good once, also for fifty at the same time, and not after five minutes", async (t) => {
    const as = await startPeople(t);
    const { authenticator } = await startOwner(as);
    const options = (await as.people.passkeys.signInOptions()) as RequestOptions;
    const response = authenticator.get(options);
    const results = await Promise.all(Array.from({ length: 50 }, () => as.people.passkeys.signIn({ response, address: ADDRESS })));
    assert.equal(results.filter((result) => "session" in result).length, 1);
    assert.deepEqual(await as.people.passkeys.signIn({ response, address: ADDRESS }), UNUSABLE);
    const again = authenticator.get(options);
    assert.deepEqual(await as.people.passkeys.signIn({ response: again, address: ADDRESS }), UNUSABLE, "the same challenge, signed anew");
    const late = (await as.people.passkeys.signInOptions()) as RequestOptions;
    as.advance(300_000);
    assert.deepEqual(await as.people.passkeys.signIn({ response: authenticator.get(late), address: ADDRESS }), UNUSABLE);
  });

  test("a replayed challenge of a passkey without a counter is refused too", async (t) => {
    const as = await startPeople(t);
    const { authenticator } = await startOwner(as);
    await as.store.db.updateTable("passkey").set({ counter: 0 }).execute();
    const options = (await as.people.passkeys.signInOptions()) as RequestOptions;
    const response = authenticator.get(options, { counter: 0 });
    accepted(await as.people.passkeys.signIn({ response, address: ADDRESS }));
    assert.deepEqual(await as.people.passkeys.signIn({ response, address: ADDRESS }), UNUSABLE);
  });

  test("a passkey that nobody registered and one of a disabled account get the same answer", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    await as.people.disableAccount(accountId);
    assert.deepEqual(await present(as, authenticator), UNUSABLE);
    assert.deepEqual(await present(as, createAuthenticator(ORIGIN)), UNUSABLE);
  });

  test("T32: the password of an account with a passkey gives half a session, which only its passkey completes", async (t) => {
    const as = await startPeople(t);
    const { accountId, authenticator } = await startOwner(as);
    const eve = await startOwner(as, "eve@acme.example");
    const half = accepted(await as.people.signInWithPassword({ email: EMAIL, password: PASSWORD, address: ADDRESS }));
    assert.equal(half.session.state, "password");
    assert.equal((await as.people.session(cookieOf(half.cookie)))?.state, "password");

    const options = (await as.people.passkeys.signInOptions(half.session)) as { allowCredentials: { id: string }[] };
    assert.deepEqual(
      options.allowCredentials.map(({ id }) => id),
      [authenticator.id],
    );
    assert.deepEqual(await present(as, eve.authenticator, { session: half.session }), UNUSABLE);

    const full = accepted(await present(as, authenticator, { session: half.session }));
    assert.deepEqual([full.session.accountId, full.session.state], [accountId, "full"]);
    assert.notEqual(full.session.idHash, half.session.idHash);
    assert.equal(await as.people.session(cookieOf(half.cookie)), undefined, "what was half a session is none");
  });

  test("T32: half a session adds no passkey, and signing in again by password does not complete it", async (t) => {
    const as = await startPeople(t);
    const { accountId } = await startOwner(as);
    const attempt = { email: EMAIL, password: PASSWORD, address: ADDRESS };
    const half = accepted(await as.people.signInWithPassword(attempt));
    const options = (await as.people.passkeys.registerOptions(half.session)) as CreationOptions;
    const answer = await as.people.passkeys.register(half.session, createAuthenticator(ORIGIN).create(options), "Mine");
    assert.deepEqual(answer, { problem: "Show the passkey that this account has first." });
    assert.equal((await as.people.passkeys.list(accountId)).length, 1);
    assert.equal(accepted(await as.people.signInWithPassword(attempt)).session.state, "password");
  });

  test("whoever lost the passkey gets a full session by a link", async (t) => {
    const as = await startPeople(t);
    const { accountId } = await startOwner(as);
    assert.equal((await as.signIn(accountId)).session.state, "full");
  });
});
