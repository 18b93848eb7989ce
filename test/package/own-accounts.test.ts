import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createListener } from "../../src/http/index.ts";
import { closingWithFile, startServer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { createVisitor, type Visitor } from "../support/visitor.ts";

/** People of an application, by the value of its cookie. */
const PEOPLE: Readonly<Record<string, { readonly id: string; readonly email: string }>> = {
  ada: { id: "7", email: "ada@example.com" },
  renamed: { id: "7", email: "new@example.com" },
  thief: { id: "8", email: "ada@example.com" },
  stranger: { id: "9", email: "nobody@example.com" },
};

const closing = closingWithFile();
let remit: TestServer;
let adaId: string;

before(async () => {
  const port = await createListener({ host: "127.0.0.1", port: 0 });
  closing.after(() => port.close(1000));
  const accounts = {
    name: "Acme",
    signInUrl: "/login",
    identify({ headers }: { readonly headers: { readonly cookie?: string | undefined } }) {
      const who = /\bapp=(\w+)/.exec(headers.cookie ?? "")?.[1] ?? "";
      if (who === "broken") throw new Error("secret detail");
      return PEOPLE[who];
    },
  };
  remit = await startServer(closing, { ...createSurface(), accounts }, { REMIT_URL: `http://127.0.0.1:${port.port}` });
  // The application: its sign-in believes everybody, and sends them back.
  port.serve((req, res) => {
    const url = new URL(req.url ?? "/", remit.url);
    if (url.pathname !== "/login") return remit.handle(req, res);
    res
      .writeHead(302, { location: url.searchParams.get("return_to") ?? "/", "set-cookie": `app=${url.searchParams.get("as")}; Path=/` })
      .end();
  });
  const made = await remit.operator.createPerson({ email: "ada@example.com", name: "Ada", role: "owner" });
  assert.ok("accountId" in made);
  adaId = made.accountId;
});

/** A browser in which somebody pressed the button, having signed in at the application. */
async function signInAs(
  who: string,
): Promise<{ readonly visitor: Visitor; readonly status: number; readonly html: string; readonly path: string }> {
  const visitor = createVisitor(remit.url);
  const page = await visitor.open(`/login?as=${who}&return_to=${encodeURIComponent("/sign-in?return_to=/account")}`);
  const { status, html, url } = await visitor.submit(page, {}, /sign-in\/own/);
  return { visitor, status, html, path: url.pathname };
}

test("whoever is signed in at the application signs in with a click, as the account with their address, on record", async () => {
  const { path, html } = await signInAs("ada");
  assert.equal(path, "/account");
  assert.match(html, /ada@example\.com/);
  const records = await remit.records();
  assert.ok(records.some(({ event, subject }) => event === "identity.linked" && subject === adaId));
  assert.ok(records.some(({ event, subject, method }) => event === "person.signed_in" && subject === adaId && method === "external"));
});

test("who is not signed in there is sent there, and comes back to where they were going", async () => {
  const visitor = createVisitor(remit.url);
  const page = await visitor.open("/sign-in?return_to=/approvals");
  assert.match(page.html, /Sign in with Acme/);
  const { html } = await visitor.submit(page, {}, /sign-in\/own/);
  const back = encodeURIComponent(`${remit.url}/sign-in?return_to=${encodeURIComponent("/approvals")}`);
  assert.ok(html.includes(`${remit.url}/login?return_to=${back}`), html);
});

/** `[who, what the page says]`; nobody gets a session. */
const refused: readonly (readonly [who: string, status: number, said: RegExp])[] = [
  ["stranger", 422, /no account here/],
  ["thief", 422, /no account here/],
  ["broken", 500, /(?<!secret detail)$/],
];

for (const [who, status, said] of refused) {
  test(`T24: ${who} of the application gets no session`, async () => {
    await signInAs("ada");
    const answer = await signInAs(who);
    assert.equal(answer.status, status);
    assert.match(answer.html, said);
    assert.doesNotMatch(answer.html, /secret detail/);
    assert.equal((await answer.visitor.open("/account")).url.pathname, "/sign-in");
  });
}

test("a person keeps the account when their address changes at the application", async () => {
  await signInAs("ada");
  const { path, html } = await signInAs("renamed");
  assert.equal(path, "/account");
  assert.match(html, /ada@example\.com/);
});

test("T24: a form that no page of ours gave signs nobody in", async () => {
  const answer = await fetch(`${remit.url}/sign-in/own`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: "app=ada", "content-type": "application/x-www-form-urlencoded", origin: remit.url, "sec-fetch-site": "same-origin" },
    body: "csrf=made-up&return_to=/account",
  });
  assert.equal(answer.status, 403);
  assert.deepEqual(
    answer.headers.getSetCookie().filter((cookie) => cookie.includes("remit_session")),
    [],
  );
});
