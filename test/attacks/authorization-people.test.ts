/** Attacks on the people who decide: whose session, whose request, whose device, whose server. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { askPerson, connect, DEVICE_CODE, redeem, register, REDIRECT } from "../support/connection.ts";
import { outcome, startIssuer, type Answer, type Person, type TestIssuer } from "../support/issuer.ts";
import { authorizeUrl, createPkce } from "../support/person.ts";
import { createVisitor, type Page, type Visitor } from "../support/visitor.ts";

let it: TestIssuer;
let owner: Person;
let victim: Person;
const closing: (() => unknown)[] = [];
before(async () => {
  it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) });
  owner = await it.person("owner");
  victim = await it.person("admin");
});
after(async () => {
  for (const close of closing) await close();
});
// Budgets of registrations and of guesses fill up again.
beforeEach(async () => {
  it.advance(61_000);
  await it.verifier.refresh();
});

function cookieOf({ cookies }: Visitor): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function urlFor(clientId: string, more: Record<string, string> = {}): string {
  return authorizeUrl(it.origin, { clientId, redirectUri: REDIRECT, challenge: createPkce().challenge, more });
}

function fieldOf(page: Page, name: string): string {
  return page.forms.flatMap(({ fields }) => fields).find((field) => field.name === name)?.value ?? "";
}

/** A form as the page would send it, but from this cookie jar and with these values. */
function send(path: string, form: Record<string, string>, cookie = ""): Promise<Response> {
  const headers = { "content-type": "application/x-www-form-urlencoded", cookie, origin: it.origin, "sec-fetch-site": "same-origin" };
  return fetch(it.origin + path, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(form) });
}

async function grantsOf(clientId: string): Promise<number> {
  return (await it.store.db.selectFrom("access_grant").select("id").where("client_id", "=", clientId).execute()).length;
}

describe("devices (RFC 8628)", () => {
  async function startDevice(
    scope = "env:read",
  ): Promise<{ readonly clientId: string; readonly userCode: string; poll(): Promise<Answer> }> {
    const clientId = await register(it);
    const { json } = await it.post({ client_id: clientId, scope }, {}, "/device_authorization");
    const form = { grant_type: DEVICE_CODE, client_id: clientId, device_code: String(json["device_code"]) };
    return { clientId, userCode: String(json["user_code"]), poll: () => it.post(form) };
  }

  async function enter({ visitor }: Person, userCode: string): Promise<Page> {
    return visitor.submit(await visitor.open("/device"), { fill: { user_code: userCode } }, /device/);
  }

  test("T33: the code belongs to the session that looked first; another session, also of the same person, neither sees nor decides it", async () => {
    const device = await startDevice();
    const page = await enter(owner, device.userCode);
    assert.match(page.html, /Allow what is ticked/);
    const again = { accountId: owner.accountId, visitor: createVisitor(it.origin) };
    const secret = await it.people.createSignInLink(owner.accountId);
    await again.visitor.submit(await again.visitor.open(`/sign-in/link?secret=${secret}`), {}, /link/);
    for (const other of [victim, again]) {
      const seen = await enter(other, device.userCode);
      assert.deepEqual([seen.status, seen.html.includes("Allow what is ticked")], [422, false]);
      const csrf = fieldOf(seen, "csrf");
      const workspace = fieldOf(page, "workspace");
      const form = { csrf, user_code: device.userCode, workspace, scope: "env:read", decision: "allow", life: "hour" };
      assert.equal((await send("/device", form, cookieOf(other.visitor))).status, 422);
    }
    assert.equal((await device.poll()).json["error"], "authorization_pending");
    assert.equal(await grantsOf(device.clientId), 0);
    await owner.visitor.submit(page, { press: "Allow what is ticked" }, /device/);
    it.advance(6000);
    assert.equal((await device.poll()).status, 200);
  });

  test("T33: five codes may be tried; then the right one is not taken either, until minutes have passed", async () => {
    const guesser = await it.person("member");
    const device = await startDevice();
    for (let i = 0; i < 5; i++) assert.equal((await enter(guesser, `BCDFGHJ${"KLMNP"[i]}`)).status, 422);
    const refused = await enter(guesser, device.userCode);
    assert.deepEqual([refused.status, refused.html.includes("Allow what is ticked")], [429, false]);
    it.advance(61_000);
    assert.equal((await enter(guesser, device.userCode)).status, 200);
  });

  test("T33: a link with the code decides nothing and claims nothing, and a decision is final", async () => {
    const device = await startDevice();
    const page = await victim.visitor.open(`/device?user_code=${device.userCode}`);
    assert.ok(!page.html.includes("Allow what is ticked"));
    const shown = await enter(owner, device.userCode);
    await owner.visitor.submit(shown, { press: "Refuse" }, /device/);
    assert.equal((await owner.visitor.submit(shown, { press: "Allow what is ticked" }, /device/)).status, 422);
    assert.equal((await device.poll()).json["error"], "access_denied");
    assert.equal(await grantsOf(device.clientId), 0);
  });
});

describe("sessions and consent", () => {
  test("login CSRF: a sign-in form with the attacker's link, sent from a browser that was not shown it, signs nobody in", async () => {
    const secret = (await it.people.createSignInLink(owner.accountId)) ?? "";
    const shownToAttacker = createVisitor(it.origin);
    const csrf = fieldOf(await shownToAttacker.open(`/sign-in/link?secret=${secret}`), "csrf");
    const browser = createVisitor(it.origin);
    await browser.open("/sign-in");
    for (const cookie of ["", cookieOf(browser)]) {
      const answer = await send("/sign-in/link", { csrf, secret, return_to: "/account" }, cookie);
      assert.deepEqual([answer.status, answer.headers.getSetCookie().some((each) => each.includes("session="))], [403, false]);
    }
    assert.notEqual(await it.people.findLinkAccount(secret), undefined);
  });

  test("fixation: a session that was there before sign-in, real or made up, is not the one after it", async () => {
    const attacker = await it.person("viewer");
    const planted = cookieOf(attacker.visitor).match(/remit_session=([^;]+)/)?.[1] ?? "";
    const secret = (await it.people.createSignInLink(victim.accountId)) ?? "";
    const browser = createVisitor(it.origin);
    const csrf = fieldOf(await browser.open(`/sign-in/link?secret=${secret}`), "csrf");
    const answer = await send("/sign-in/link", { csrf, secret, return_to: "/account" }, `${cookieOf(browser)}; remit_session=${planted}`);
    const given = answer.headers
      .getSetCookie()
      .map((each) => /remit_session=([^;]+)/.exec(each)?.[1])
      .find((value) => value !== undefined);
    assert.ok(given !== undefined && given !== planted);
    const after = await fetch(`${it.origin}/account`, { redirect: "manual", headers: { cookie: `remit_session=${planted}` } });
    assert.equal(after.status, 303);
  });

  test("T24: consent with one's own session for a request that began in another browser is refused", async () => {
    const clientId = await register(it);
    const page = await owner.visitor.open(urlFor(clientId));
    const own = await victim.visitor.open(urlFor(clientId));
    const form = { csrf: fieldOf(own, "csrf"), workspace: fieldOf(own, "workspace"), scope: "env:read", decision: "allow", life: "hour" };
    const answer = await send(page.url.pathname, form, cookieOf(victim.visitor));
    assert.deepEqual([answer.status, await grantsOf(clientId)], [410, 0]);
  });

  test("T24: consent given to one client is not consent for another, whose request waits in the same browser", async () => {
    const [good, evil] = [await register(it), await register(it, { client_name: "Evil" })];
    const goodPage = await owner.visitor.open(urlFor(good));
    const evilPage = await owner.visitor.open(urlFor(evil));
    await owner.visitor.submit(goodPage, { press: "Allow what is ticked" }, /interaction/);
    assert.deepEqual([await grantsOf(good), await grantsOf(evil)], [1, 0]);
    assert.match((await owner.visitor.open(evilPage.url.href)).html, /Evil/);
    const resumed = await owner.visitor.open(`/authorize/${evilPage.url.pathname.split("/").at(-1)}`);
    assert.equal(resumed.left?.searchParams.get("code") ?? undefined, undefined);
  });

  test("T25: another person's form token, an old session and a session of nobody decide nothing", async () => {
    const clientId = await register(it);
    const leaving = await it.person("member");
    const page = await leaving.visitor.open(urlFor(clientId));
    const form = { workspace: fieldOf(page, "workspace"), scope: "env:read", decision: "allow", life: "hour" };
    const cookies = cookieOf(leaving.visitor);
    const strange = await send(page.url.pathname, { ...form, csrf: fieldOf(await victim.visitor.open("/account"), "csrf") }, cookies);
    assert.equal(strange.status, 403);
    const csrf = fieldOf(page, "csrf");
    const anonymous = await send(page.url.pathname, { ...form, csrf }, cookies.replace(/remit_session=[^;]+/, ""));
    assert.equal(anonymous.status, 303);
    await leaving.visitor.submit(await leaving.visitor.open("/account"), {}, /Sign out$/);
    assert.equal((await send(page.url.pathname, { ...form, csrf }, cookies)).status, 303);
    assert.equal(await grantsOf(clientId), 0);
  });

  test("T14: a form cannot add what the client did not ask for, nor another workspace", async () => {
    await it.store.db.insertInto("workspace").values({ id: "wks_other", name: "Other", created_at: 1 }).execute();
    const clientId = await register(it);
    const page = await owner.visitor.open(urlFor(clientId, { scope: "env:read" }));
    const form = { csrf: fieldOf(page, "csrf"), workspace: fieldOf(page, "workspace"), decision: "allow", life: "hour" };
    const press = (change: Record<string, string>) => send(page.url.pathname, { ...form, ...change }, cookieOf(owner.visitor));
    assert.equal((await press({ scope: "org:write" })).status, 422);
    assert.equal((await press({ scope: "env:read", workspace: "wks_other" })).status, 422);
    assert.equal(await grantsOf(clientId), 0);
    assert.equal((await press({ scope: "env:read" })).status, 200);
    const grant = await it.store.db.selectFrom("access_grant").selectAll().where("client_id", "=", clientId).executeTakeFirst();
    assert.deepEqual([grant?.scopes, grant?.workspace_id], ["env:read", "wks_test"]);
  });

  test("what was limited to an environment or to an hour stays so when the person later allows the same client something else", async () => {
    const environment = { workspace_id: "wks_test", kind: "development" as const, created_at: 1, version: 1 };
    for (const slug of ["one", "two"])
      await it.store.db
        .insertInto("environment")
        .values({ ...environment, id: `env_${slug}`, name: slug, slug })
        .execute();
    const clientId = await register(it);
    const choose = { environments: ["some"], environment: ["env_one"], life: ["hour"] };
    const narrow = { more: { scope: "env:write" }, consent: { scopes: ["env:write"], entries: { choose } } };
    const first = await connect(it, owner, { clientId, ...narrow });
    const before = await it.store.db.selectFrom("access_grant").selectAll().where("client_id", "=", clientId).executeTakeFirstOrThrow();
    assert.deepEqual([before.environments, before.scopes], ['["env_one"]', "env:write"]);
    await connect(it, owner, { clientId, more: { scope: "org:read" }, consent: { entries: { choose: { life: ["revoked"] } } } });
    await it.verifier.refresh();
    const token = await outcome(it.verifier.verify(first.accessToken));
    assert.ok(typeof token !== "string");
    assert.deepEqual([token.environments, [...token.scopes.granted]], [["env_one"], ["env:write"]]);
    const { expires_at: end } = await it.store.db
      .selectFrom("access_grant")
      .selectAll()
      .where("id", "=", before.id)
      .executeTakeFirstOrThrow();
    assert.ok(end !== null && end <= (before.expires_at ?? 0), "what was allowed for an hour ends after an hour");
  });

  test("a client that an operator made may have the person asked again (OpenID Connect Core §3.1.2.1, prompt)", async () => {
    const redirectUri = "https://app.example/callback";
    const made = await it.issuer.createAgent({
      name: "Portal",
      workspaceId: "wks_test",
      scopes: ["env:read"],
      redirectUris: [redirectUri],
    });
    assert.ok("clientId" in made);
    const wish = { clientId: made.clientId, redirectUri, more: { scope: "env:read" } };
    await askPerson(it, owner, wish);
    const known = await owner.visitor.open(authorizeUrl(it.origin, { ...wish, challenge: createPkce().challenge }));
    assert.ok(!known.html.includes("Allow what is ticked"), "nobody is asked without prompt");
    const more = { ...wish.more, prompt: "consent" };
    const page = await owner.visitor.open(authorizeUrl(it.origin, { ...wish, more, challenge: createPkce().challenge }));
    assert.match(page.html, /Allow what is ticked/);
  });

  test("an account that is disabled between its consent and the return gets its client nothing", async () => {
    const person = await it.person("admin");
    const sent = await askPerson(it, person, { clientId: await register(it) });
    await it.people.disableAccount(person.accountId);
    const answer = await redeem(it, sent);
    assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"]);
  });

  test("T29: responses go into the query, as the metadata says; no parameter moves the code elsewhere", async () => {
    const offered = (JSON.parse(it.issuer.metadata) as { readonly response_modes_supported: readonly string[] }).response_modes_supported;
    assert.deepEqual(offered, ["query"]);
    for (const mode of ["fragment", "form_post", "web_message", "jwt", "query.jwt"]) {
      const page = await owner.visitor.open(urlFor(await register(it), { response_mode: mode }));
      const refused = page.left?.searchParams.get("error") ?? (page.status === 400 ? "a page" : "no refusal");
      assert.ok(["unsupported_response_mode", "invalid_request", "a page"].includes(refused), `${mode}: ${refused}`);
    }
  });
});

describe("two servers, one client (RFC 9207)", () => {
  test("T23: every answer names the server that gave it, and a code is worth nothing at the other", async (t) => {
    const other = await startIssuer(t);
    const theirs = await other.person("owner");
    const sent = await askPerson(other, theirs, { clientId: await register(other) });
    assert.equal(sent.to.searchParams.get("iss"), other.origin);
    const refused = await askPerson(it, owner, { clientId: await register(it), consent: { refuse: true } });
    assert.equal(refused.to.searchParams.get("iss"), it.origin);
    const answer = await redeem(it, { ...sent, clientId: await register(it) });
    assert.deepEqual([answer.status, answer.json["error"]], [400, "invalid_grant"]);
    assert.equal((await redeem(other, sent)).status, 200);
  });

  test("T23: the issuer is the same bytes in the metadata, in answers and in tokens", async () => {
    const { answer } = await connect(it, owner);
    const [, body = ""] = String(answer.json["access_token"]).split(".");
    const { iss } = JSON.parse(Buffer.from(body, "base64url").toString()) as { readonly iss: string };
    const { issuer } = JSON.parse(it.issuer.metadata) as { readonly issuer: string };
    const { to } = await askPerson(it, owner, { clientId: await register(it) });
    assert.deepEqual([iss, issuer, to.searchParams.get("iss")], [it.origin, it.origin, it.origin]);
  });
});
