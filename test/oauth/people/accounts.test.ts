import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accepted, cookieOf, PASSWORD, startPeople } from "./support/people.ts";

describe("accounts", () => {
  test("an account is made with its address in lower case, without a password, and on record", async (t) => {
    const { people, events, now } = await startPeople(t);
    const made = await people.createAccount({ email: " Ada@ACME.example ", name: " Ada " });
    assert.ok("accountId" in made);
    assert.match(made.accountId, /^acc_[0-9a-z]{26}$/);
    assert.deepEqual(await people.findAccount(made.accountId), {
      id: made.accountId,
      email: "ada@acme.example",
      name: "Ada",
      password_hash: null,
      created_at: now(),
      disabled_at: null,
    });
    assert.deepEqual(events, [{ event: "account_created", accountId: made.accountId }]);
  });

  const BAD: readonly (readonly [string, { email: string; name: string }, RegExp])[] = [
    ["an address without a host", { email: "ada", name: "Ada" }, /^email/],
    ["two addresses", { email: "a@b.example,c@d.example", name: "Ada" }, /^email/],
    ["a letter that looks like another", { email: "аda@acme.example", name: "Ada" }, /^email/],
    ["an endless address", { email: `${"a".repeat(250)}@acme.example`, name: "Ada" }, /^email/],
    ["an empty name", { email: "a@b.example", name: "  " }, /^name/],
    ["a long name", { email: "a@b.example", name: "x".repeat(81) }, /^name/],
    ["a name with a line break", { email: "a@b.example", name: "Ada\nBob" }, /^name/],
    ["a name that runs backwards", { email: "a@b.example", name: "Ada\u202e" }, /^name/],
  ];
  for (const [title, input, problem] of BAD) {
    test(`${title} is refused and nothing is made`, async (t) => {
      const { people, events } = await startPeople(t);
      const made = await people.createAccount(input);
      assert.ok("problems" in made && made.problems.length === 1);
      assert.match(made.problems[0] ?? "", problem);
      assert.deepEqual([await people.listAccounts(), events], [[], []]);
    });
  }

  test("an address is taken once, in whatever case, also by parallel callers", async (t) => {
    const { people } = await startPeople(t);
    const tries = ["ada@acme.example", "ADA@acme.example", "Ada@Acme.Example"].map((email) => people.createAccount({ email, name: "Ada" }));
    const made = await Promise.all(tries);
    assert.equal(made.filter((each) => "accountId" in each).length, 1);
    const refused = made.filter((each) => "problems" in each);
    for (const each of refused) assert.deepEqual(each, { problems: ["email: an account with this address exists"] });
    assert.equal((await people.listAccounts()).length, 1);
  });

  test("memberships are listed with the workspace's name and the role", async (t) => {
    const { people, store, account } = await startPeople(t);
    const accountId = await account("ada@acme.example");
    await account("bob@acme.example");
    for (const [id, name, role] of [
      ["wks_z", "Zeta", "viewer"],
      ["wks_a", "Alpha", "owner"],
    ] as const) {
      await store.db.insertInto("workspace").values({ id, name, created_at: 1 }).execute();
      await store.db
        .insertInto("member")
        .values({ id: `mem_${id}`, workspace_id: id, account_id: accountId, role, created_at: 1 })
        .execute();
    }
    assert.deepEqual(await people.memberships(accountId), [
      { workspaceId: "wks_a", name: "Alpha", role: "owner" },
      { workspaceId: "wks_z", name: "Zeta", role: "viewer" },
    ]);
    assert.deepEqual(await people.memberships("acc_none"), []);
  });

  test("a disabled account loses its sessions and links at once and signs in by none of its ways", async (t) => {
    const { people, store, events, signIn, withPassword } = await startPeople(t);
    const accountId = await withPassword("ada@acme.example");
    const { cookie } = await signIn(accountId);
    const link = (await people.createSignInLink(accountId)) ?? "";
    const [, other] = [await withPassword("bob@acme.example"), await signIn(accountId)];
    assert.equal(await people.disableAccount(accountId), true);
    for (const table of ["session", "sign_in_link"] as const) {
      assert.deepEqual(await store.db.selectFrom(table).select("account_id").where("account_id", "=", accountId).execute(), []);
    }
    assert.equal(await people.session(cookieOf(cookie)), undefined);
    assert.equal(await people.session(cookieOf(other.cookie)), undefined);
    assert.equal(await people.findLinkAccount(link), undefined);
    assert.ok("problem" in (await people.signInWithLink(link, undefined)));
    const attempt = { email: "ada@acme.example", password: PASSWORD, address: undefined };
    assert.ok("problem" in (await people.signInWithPassword(attempt)));
    assert.equal(await people.createSignInLink(accountId), undefined);
    assert.deepEqual(await people.setPassword(accountId, PASSWORD), ["account: there is none with this id, or it is disabled"]);
    assert.equal(await people.disableAccount(accountId), false);
    assert.deepEqual(
      events.filter(({ event }) => event === "account_disabled"),
      [{ event: "account_disabled", accountId }],
    );
    accepted(await people.signInWithPassword({ ...attempt, email: "bob@acme.example" }));
  });

  test("an account that is enabled again signs in again, on record, and what had ended stays ended", async (t) => {
    const { people, events, signIn, withPassword } = await startPeople(t);
    const accountId = await withPassword("ada@acme.example");
    const { cookie } = await signIn(accountId);
    const link = (await people.createSignInLink(accountId)) ?? "";
    assert.equal(await people.enableAccount(accountId), false, "it is not disabled");
    assert.equal(await people.enableAccount("acc_none"), false);
    await people.disableAccount(accountId);
    assert.equal(await people.enableAccount(accountId), true);
    assert.equal(await people.session(cookieOf(cookie)), undefined);
    assert.ok("problem" in (await people.signInWithLink(link, undefined)));
    accepted(await people.signInWithPassword({ email: "ada@acme.example", password: PASSWORD, address: undefined }));
    assert.deepEqual(
      events.filter(({ event }) => event === "account_enabled"),
      [{ event: "account_enabled", accountId }],
    );
  });

  test("an account stays disabled when enabling it cannot be put on record", async (t) => {
    let isLost = false;
    const { people, account } = await startPeople(t, {
      onEvent: () => (isLost ? Promise.reject(new Error("the ledger is full")) : Promise.resolve()),
    });
    const accountId = await account("ada@acme.example");
    await people.disableAccount(accountId);
    isLost = true;
    await assert.rejects(people.enableAccount(accountId), /the ledger is full/);
    assert.notEqual((await people.findAccount(accountId))?.disabled_at, null);
  });

  test("a session of an account that another process disabled is none", async (t) => {
    const { people, store, account, signIn } = await startPeople(t);
    const { cookie } = await signIn(await account("ada@acme.example"));
    await store.db.updateTable("account").set({ disabled_at: 1 }).execute();
    assert.equal(await people.session(cookieOf(cookie)), undefined);
  });

  test("an account that cannot be put on record is not made", async (t) => {
    const { people } = await startPeople(t, { onEvent: () => Promise.reject(new Error("the ledger is full")) });
    await assert.rejects(people.createAccount({ email: "ada@acme.example", name: "Ada" }), /the ledger is full/);
    assert.deepEqual(await people.listAccounts(), []);
  });
});
