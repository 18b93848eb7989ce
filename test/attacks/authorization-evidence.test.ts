/** What people and clients keep secret is written nowhere: a full run, and a search for every secret of it in all that was written. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { askPerson, DEVICE_CODE, redeem, refresh, REDIRECT, sendRegistration } from "../support/connection.ts";
import { startIssuer, type Answer, type TestIssuer } from "../support/issuer.ts";
import { createPkce, signInByLink } from "../support/person.ts";
import { startServer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { createVisitor, type Visitor } from "../support/visitor.ts";

/** A server on which a person with this address and no password was made. */
interface Site extends Pick<TestIssuer, "origin" | "post"> {
  /** Path and query, or the whole address, of a new sign-in link. */
  link(): Promise<string>;
  setPassword(password: string): Promise<unknown>;
  readonly email: string;
  readonly agent: { readonly clientId: string; readonly clientSecret: string };
}

/** Everything that must stay secret, by what it is, and every answer with an error. */
interface Run {
  readonly secrets: ReadonlyMap<string, string>;
  readonly errors: readonly string[];
  /** In the clear by right, to show that the search finds what is there. */
  readonly clientId: string;
}

const canary = (): string => `canary-${randomBytes(24).toString("base64url")}`;

async function runAll(site: Site): Promise<Run> {
  const secrets = new Map<string, string>();
  const errors: string[] = [];
  const note = (answer: Answer): Answer => {
    if (answer.status >= 400) errors.push(answer.text);
    for (const name of ["access_token", "refresh_token", "device_code", "request_uri"]) {
      const value = answer.json[name];
      if (typeof value === "string") secrets.set(`${name} ${secrets.size}`, value);
    }
    return answer;
  };
  const clientId = await runCode(site, { secrets, note });
  await runOthers(site, { secrets, note, clientId });
  await runPeople(site, { secrets, errors });
  return { secrets, errors, clientId };
}

interface Notes {
  readonly secrets: Map<string, string>;
  note(answer: Answer): Answer;
}

/** A person by a link, a client with a secret, and a code used well, badly and twice. */
async function runCode(site: Site, { secrets, note }: Notes): Promise<string> {
  const link = await site.link();
  secrets.set("sign-in link", new URL(link, site.origin).searchParams.get("secret") ?? "");
  const person = { visitor: await signInByLink(site.origin, link) };
  keepCookies(person.visitor, secrets);
  const registered = await sendRegistration(site, { token_endpoint_auth_method: "client_secret_post" });
  const clientId = String(registered["client_id"]);
  const clientSecret = String(registered["client_secret"]);
  secrets.set("secret of a registered client", clientSecret);
  const sent = await askPerson(site, person, { clientId, more: { resource: `${site.origin}/mcp` } });
  secrets.set("code", sent.code);
  secrets.set("verifier", sent.pkce.verifier);
  const form = { client_secret: clientSecret };
  const tokens = note(await redeem(site, sent, { form }));
  assert.equal(tokens.status, 200, tokens.text);
  const refreshToken = String(tokens.json["refresh_token"]);
  const next = note(await refresh(site, { clientId, refreshToken }, { form }));
  assert.equal(next.status, 200, next.text);
  note(await refresh(site, { clientId, refreshToken: `${refreshToken}x` }, { form }));
  note(await redeem(site, sent, { form }));
  const wrong = await askPerson(site, person, { clientId });
  secrets.set("second code", wrong.code);
  const verifier = canary();
  secrets.set("wrong verifier", verifier);
  note(await redeem(site, wrong, { form: { ...form, code_verifier: verifier.padEnd(43, "x") } }));
  note(await site.post({ client_id: clientId, ...form, token: String(next.json["access_token"]) }, {}, "/introspect"));
  return clientId;
}

async function runOthers({ post, agent }: Site, { secrets, note, clientId }: Notes & { readonly clientId: string }): Promise<void> {
  secrets.set("secret of an agent", agent.clientSecret);
  const form = { client_id: agent.clientId, client_secret: agent.clientSecret };
  note(await post({ ...form, grant_type: "client_credentials" }));
  const wrong = canary();
  secrets.set("wrong secret", wrong);
  note(await post({ ...form, grant_type: "client_credentials", client_secret: wrong }));
  note(await post({ ...form, client_secret: wrong, client_id: clientId, grant_type: "refresh_token", refresh_token: canary() }));
  const device = note(await post(form, {}, "/device_authorization"));
  note(await post({ ...form, grant_type: DEVICE_CODE, device_code: String(device.json["device_code"]) }));
  const { challenge, verifier } = createPkce();
  secrets.set("verifier of a pushed request", verifier);
  const request = { response_type: "code", redirect_uri: REDIRECT, code_challenge: challenge, code_challenge_method: "S256" };
  note(await post({ ...form, ...request }, {}, "/par"));
  const garbage = canary();
  secrets.set("what was sent as a token", garbage);
  const exchange = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  };
  note(await post({ ...form, ...exchange, subject_token: garbage }));
  note(await post({ ...form, grant_type: garbage }));
}

async function runPeople(
  site: Site,
  { secrets, errors }: { readonly secrets: Map<string, string>; readonly errors: string[] },
): Promise<void> {
  const [password, wrong] = [canary(), canary()];
  secrets.set("password", password);
  secrets.set("wrong password", wrong);
  await site.setPassword(password);
  const visitor = createVisitor(site.origin);
  const refused = await visitor.submit(await visitor.open("/sign-in"), { fill: { email: site.email, password: wrong } }, /^\/sign-in$/);
  errors.push(refused.html);
  const signedIn = await visitor.submit(await visitor.open("/sign-in"), { fill: { email: site.email, password } }, /^\/sign-in$/);
  assert.equal(signedIn.url.pathname, "/account");
  keepCookies(visitor, secrets);
  const unused = canary();
  secrets.set("link that nobody made", unused);
  errors.push((await visitor.open(`/sign-in/link?secret=${unused}`)).html);
}

function keepCookies({ cookies }: Visitor, secrets: Map<string, string>): void {
  for (const [name, value] of cookies) if (/session/.test(name)) secrets.set(`cookie ${name} ${secrets.size}`, value);
}

function assertNowhere({ secrets, clientId }: Run, written: string): void {
  assert.ok(secrets.size >= 18, [...secrets.keys()].join());
  assert.ok(written.includes(clientId), "the search would find what is there");
  for (const [what, secret] of secrets) {
    assert.ok(secret.length > 20, what);
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64url")];
    assert.deepEqual(
      forms.filter((form) => written.includes(form)),
      [],
      what,
    );
  }
}

test("T71: no secret of a person or a client is in any row, event, log line or error, at the finest level of the log", async (t) => {
  const it = await startIssuer(t);
  const person = await it.person("owner");
  const { email } = await it.store.db.selectFrom("account").select("email").where("id", "=", person.accountId).executeTakeFirstOrThrow();
  const run = await runAll({
    origin: it.origin,
    post: it.post,
    email,
    agent: await it.agent("env:read"),
    link: async () => `/sign-in/link?secret=${await it.people.createSignInLink(person.accountId)}`,
    setPassword: (password) => it.people.setPassword(person.accountId, password),
  });
  const tables = await it.store.db.introspection.getTables();
  const rows = await Promise.all(
    tables.map(({ name }) =>
      it.store.db
        .selectFrom(name as "client")
        .selectAll()
        .execute(),
    ),
  );
  assert.ok(
    ["oidc_payload", "refresh_token", "session", "sign_in_link", "client"].every((name) => tables.some((table) => table.name === name)),
  );
  assertNowhere(run, [JSON.stringify(rows), JSON.stringify(it.events), JSON.stringify(it.refusals), ...it.logLines].join("\n"));
  for (const [what, secret] of run.secrets) assert.ok(!run.errors.some((text) => text.includes(secret)), `${what} in an error`);
});

test("T71: nor is one in the ledger or, in the clear, in a file of the server", async (t) => {
  const server = await startServer(t, createSurface());
  const email = "someone@example.com";
  const made = await server.operator.createPerson({ email, name: "Someone", role: "owner" });
  assert.ok("accountId" in made, JSON.stringify(made));
  const run = await runAll({
    origin: server.url,
    post: (form, headers, path) => post(server, form, { headers, path }),
    email,
    agent: await server.agent("note:read"),
    async link() {
      const link = await server.operator.createSignInLink(email);
      assert.ok("url" in link);
      return link.url;
    },
    setPassword: (password) => server.operator.setPassword(email, password),
  });
  await server.close();
  const ledger = JSON.stringify(await server.records());
  assert.ok(["person.signed_in", "consent.given", "token.issued", "client.registered"].every((event) => ledger.includes(event)));
  const names = (await readdir(server.dataDir)).filter((name) => name !== "master.key");
  const files = await Promise.all(names.map((name) => readFile(join(server.dataDir, name), "latin1").catch(() => "")));
  assertNowhere(run, [ledger, ...files].join("\n"));
});

interface Sending {
  readonly headers: Record<string, string> | undefined;
  readonly path: string | undefined;
}

async function post(server: TestServer, form: Record<string, string> | string, { headers, path = "/token" }: Sending): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method: "POST",
    body: new URLSearchParams(form),
    ...(headers === undefined ? {} : { headers }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Record<string, unknown> };
}
