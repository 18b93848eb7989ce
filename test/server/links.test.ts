import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { SMTPServer } from "smtp-server";
import * as z from "zod";
import { controlPlane } from "../../src/control-plane/index.ts";
import { callTool, fetchToken, startServer, type TestServer } from "../support/remit.ts";
import { createVisitor, type Page, type Visitor } from "../support/visitor.ts";

const SCOPES = "wks:write env:write org:write";
const OWN_FORM = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };

interface World {
  readonly server: TestServer;
  /** The value of a call that must succeed. */
  call(tool: string, args: object): Promise<Readonly<Record<string, unknown>>>;
  readonly environmentId: string;
  /** The rows as they lie on the disk. */
  readonly file: DatabaseSync;
}

async function createWorld(t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const server = await startServer(t, controlPlane, env);
  const token = await server.token(SCOPES);
  const file = new DatabaseSync(join(server.dataDir, "remit.db"));
  t.after(() => file.close());
  const call: World["call"] = async (tool, args) => {
    const { body } = await callTool(server, token, tool, args);
    assert.ok(body.result !== undefined && body.result["isError"] !== true, `${tool}: ${JSON.stringify(body)}`);
    return body.result["structuredContent"] as Readonly<Record<string, unknown>>;
  };
  const { environment_id } = await call("create_environment", { name: "Live", kind: "production" });
  return { server, call, file, environmentId: String(environment_id) };
}

interface Kind {
  readonly kind: string;
  /** A link of its own each time. */
  make(world: World, nth: number): Promise<string>;
  readonly form: Readonly<Record<string, string>>;
  readonly heading: string;
  /** Whether what it is about was done. */
  isDone(world: World): boolean;
}

const count = ({ file }: World, sql: string): number => Number(file.prepare(sql).get()?.["n"]);

const KINDS: readonly Kind[] = [
  {
    kind: "invitation",
    make: async ({ call }, nth) =>
      String((await call("invite_workspace_member", { email: `dana${nth}@acme.example`, role: "viewer" }))["url"]),
    form: { name: "Dana Whitfield" },
    heading: "Join Test",
    isDone: (world) => count(world, "select count(*) n from member") === 1,
  },
  {
    kind: "admin_portal",
    async make({ call, environmentId: environment_id }, nth) {
      const { organization_id } = await call("create_organization", { environment_id, name: `Globex ${nth}` });
      await call("update_organization_settings", { environment_id, organization_id, features: [{ name: "sso", enabled: true }] });
      return String((await call("generate_admin_portal_link", { environment_id, organization_id }))["url"]);
    },
    form: { name: "Globex Renamed" },
    heading: "Settings of Globex 1",
    isDone: (world) =>
      count(world, `select count(*) n from organization where name = 'Globex Renamed' and features = '{"sso":false}'`) === 1,
  },
  {
    kind: "connected_account",
    make: async ({ call, environmentId: environment_id }, nth) =>
      String(
        (await call("create_connected_account_magic_link", { environment_id, identifier: `u${nth}@globex.example`, connector: "slack" }))[
          "url"
        ],
      ),
    form: {},
    heading: "Connect your slack account",
    isDone: (world) => count(world, "select count(*) n from connected_account where connected_at is not null") === 1,
  },
];

/** Reads the page, fills the form in as it is, and confirms. */
function confirm(visitor: Visitor, page: Page, fill: Readonly<Record<string, string>>): Promise<Page> {
  const boxes = page.forms.flatMap(({ fields }) => fields).filter(({ type }) => type === "checkbox");
  return visitor.submit(page, { fill, choose: Object.fromEntries(boxes.map(({ name }) => [name, []])), press: "Confirm" });
}

for (const { kind, make, form, heading, isDone } of KINDS) {
  test(`the link of ${kind} does nothing when it is looked at, does it once when it is confirmed, and both are on record`, async (t) => {
    const world = await createWorld(t);
    const url = await make(world, 1);
    const before = dump(world);
    const visitor = createVisitor(world.server.url);
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
    await visitor.open(url);
    const page = await visitor.open(url);
    assert.ok(page.html.includes(`<h1><bdi>${heading}</bdi></h1>`), page.html);
    assert.equal(dump(world), before);
    assert.ok(!isDone(world));

    const done = await confirm(visitor, page, form);
    assert.equal(done.status, 200);
    assert.match(done.html, /<h1>Done<\/h1>/);
    assert.ok(isDone(world));
    for (const again of [await visitor.open(url), await confirm(visitor, page, form)]) {
      assert.equal(again.status, 410);
      assert.match(again.html, /This link was used already/);
    }
    const events = (await world.server.records()).filter(({ event }) => String(event).startsWith("link."));
    assert.deepEqual(
      events.map(({ event, what, workspace }) => [event, what, workspace]),
      [
        ["link.confirming", kind, "wks_test"],
        ["link.confirmed", kind, "wks_test"],
      ],
    );
  });
}

/** Everything that a link could change. */
function dump({ file }: World): string {
  const tables = ["account", "member", "organization", "connected_account", "link", "search_word"];
  return JSON.stringify(tables.map((table) => file.prepare(`select * from ${table}`).all()));
}

test("T43: of fifty confirmations of one link at the same time, exactly one counts", async (t) => {
  const world = await createWorld(t);
  const url = await KINDS[0]?.make(world, 1);
  const { page, headers } = await openForm(String(url));
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, nth) => {
      const body = new URLSearchParams({ csrf: csrfOf(page), name: `Racer ${nth}` });
      const answer = await fetch(String(url), { method: "POST", headers: { ...OWN_FORM, ...headers }, body });
      return { status: answer.status, html: await answer.text() };
    }),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const { html } of answers) assert.match(html, /You are a member|used already|was used or has expired/);
  assert.equal(count(world, "select count(*) n from member"), 1);
  assert.equal(count(world, "select count(*) n from account"), 1);
  const confirmed = (await world.server.records()).filter(({ event }) => event === "link.confirmed");
  assert.equal(confirmed.length, 1);
});

/** The page of a link, and the cookie that its form is tied to. */
async function openForm(url: string) {
  const answer = await fetch(url);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { page: await answer.text(), answer, headers: { cookie } };
}

function csrfOf(page: string): string {
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

test("a link that has expired, one that never was, and one that was cut short say so and do nothing", async (t) => {
  const world = await createWorld(t);
  for (const { make, form } of KINDS) {
    const url = await make(world, 1);
    const visitor = createVisitor(world.server.url);
    const page = await visitor.open(url);
    world.file.exec("update link set expires_at = 1");
    const before = dump(world);
    for (const late of [await visitor.open(url), await confirm(visitor, page, form)]) {
      assert.equal(late.status, 410);
      assert.match(late.html, /This link has expired/);
      assert.match(late.html, /Ask whoever sent it for a new one/);
    }
    for (const other of [
      url.slice(0, -1),
      `${url}x`,
      `${world.server.url}/links/${"A".repeat(43)}`,
      `${world.server.url}/links/`,
      `${url}/..%2f`,
    ]) {
      const unknown = await visitor.open(other);
      assert.equal(unknown.status, 404, other);
      assert.match(unknown.html, /There is no such link/);
    }
    assert.equal(dump(world), before);
  }
});

test("T25: a form of another site, or without the page's token, confirms nothing", async (t) => {
  const world = await createWorld(t);
  const url = String(await KINDS[0]?.make(world, 1));
  const { page, headers } = await openForm(url);
  const other = await openForm(url);
  const fields = { csrf: csrfOf(page), name: "Mallory" };
  const attempts: readonly [headers: Record<string, string>, fields: Record<string, string>][] = [
    [{ ...OWN_FORM, ...headers, "sec-fetch-site": "cross-site", origin: "https://evil.example" }, fields],
    [{ ...OWN_FORM, ...headers, "sec-fetch-site": "same-site", origin: "https://evil.acme.test" }, fields],
    [{ ...OWN_FORM, ...headers, origin: "https://evil.example" }, fields],
    [{ ...OWN_FORM, ...headers }, { name: "Mallory" }],
    [
      { ...OWN_FORM, ...headers },
      { ...fields, csrf: csrfOf(other.page) },
    ],
    [OWN_FORM, fields],
  ];
  const before = dump(world);
  for (const [sent, body] of attempts) {
    const answer = await fetch(url, { method: "POST", headers: sent, body: new URLSearchParams(body) });
    assert.equal(answer.status, 403, JSON.stringify([sent, body]));
  }
  for (const method of ["PUT", "DELETE", "PATCH"]) assert.equal((await fetch(url, { method })).status, 405);
  assert.equal(dump(world), before);
  const records = await world.server.records();
  assert.deepEqual(
    records.filter(({ event }) => String(event).startsWith("link.")),
    [],
  );
});

/** What an organization may be called by whoever writes its row, and what of that must not be in a page. */
const HOSTILE: readonly [title: string, name: string, absent: RegExp][] = [
  ["markup", `<img src=x onerror=alert(1)>`, /<img/],
  ["a script", `</h1></title><script>alert(1)</script>`, /<script|<\/title><script/],
  ["quotes", `" autofocus onfocus="alert(1)`, /" autofocus onfocus="/],
  ["an entity", "&lt;b&gt;&#x202e;", /Settings of (&lt;b|.*[^;]&#x202e|.*(?<!amp;)#x202e)/],
  ["a turned direction", "Acme\u202egro.live\u202c", /[\u202c\u202e]/],
  ["isolates and an Arabic mark", "A\u2066B\u2069\u061c", /[\u2066\u2069\u061c]/],
  ["tags that nobody sees", `Acme\u{e0041}\u{e0042}`, /[\u{e0000}-\u{e007f}]/u],
  ["several lines", "Acme\r\n\u2028Verified", /Acme[\r\n\u2028]/],
];

for (const [title, name, absent] of HOSTILE) {
  test(`T25: an organization's name with ${title} is text on the page of its link`, async (t) => {
    const world = await createWorld(t);
    const url = String(await KINDS[1]?.make(world, 1));
    world.file.prepare("update organization set name = ?").run(name);
    const { page, answer } = await openForm(url);
    assert.equal(answer.status, 200);
    assert.match(page, /<h1><bdi>Settings of /);
    assert.doesNotMatch(page, absent);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  });
}

const first = z.object({ mcp: z.url(), issuer: z.url(), agent: z.object({ client_id: z.string(), client_secret: z.string() }) });

test("T71: the token of a link stands in no log at the most talkative level, and neither in the ledger nor plainly in the store", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-links-"));
  const env = { ...process.env, PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "debug" };
  const child = spawn(process.execPath, ["bin/remit.js", "start", "--json"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(dataDir, { recursive: true });
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (log += part));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("close", () => reject(new Error(`the server did not start: ${log}`)));
  });
  lines.on("line", (more) => (log += more));
  const { mcp, issuer, agent } = first.parse(JSON.parse(line));
  const token = await fetchToken(issuer, { clientId: agent.client_id, clientSecret: agent.client_secret }, "org:write env:write");
  const call = async (tool: string, args: object) =>
    (await callTool({ mcpUrl: mcp }, token, tool, args)).body.result?.["structuredContent"] as Record<string, unknown>;
  const { environments } = (await call("list_environments", {})) as { environments: { environment_id: string }[] };
  const environment_id = environments[0]?.environment_id;
  const { organization_id } = await call("create_organization", { environment_id, name: "Logged" });
  const url = String((await call("generate_admin_portal_link", { environment_id, organization_id }))["url"]);
  const secret = url.split("/links/")[1] ?? "";
  assert.match(secret, /^[\w-]{43}$/);
  const visitor = createVisitor(issuer);
  const page = await visitor.open(url);
  assert.equal((await confirm(visitor, page, { name: "" })).status, 422);
  assert.equal((await confirm(visitor, page, { name: "Renamed" })).status, 200);
  assert.equal((await visitor.open(url)).status, 410);
  child.kill("SIGTERM");
  await ended;
  assert.ok(!log.includes(secret), "the log");
  for (const name of ["ledger.db", "remit.db"]) {
    const file = new DatabaseSync(join(dataDir, name));
    const tables = file.prepare("select name from sqlite_schema where type = 'table'").all();
    for (const { name: table } of tables) {
      const rows = file.prepare(`select * from "${String(table)}"`).all();
      const text = JSON.stringify(rows, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
      );
      assert.ok(!text.includes(secret), `${name} ${String(table)}`);
      if (table === "organization") assert.ok(text.includes("Renamed"));
    }
    file.close();
  }
});

test("an invitation is mailed by SMTP, and the link in the mail lets its person in; without SMTP the link is in the answer", async (t) => {
  const mails: { readonly to: string; readonly text: string }[] = [];
  const smtp = new SMTPServer({
    closeTimeout: 100,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData(stream, { envelope }, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      stream.on("end", () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address).join(), text: text.replaceAll("=\r\n", "").replaceAll("=3D", "=") });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    smtp.listen(0, "127.0.0.1", () => resolve());
  });
  t.after(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  const smtpUrl = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
  const mailing = await createWorld(t, { REMIT_SMTP_URL: smtpUrl, REMIT_MAIL_FROM: "remit@acme.example" });
  const invitation = { email: "dana@acme.example", role: "viewer" };
  const { mailed, url } = await mailing.call("invite_workspace_member", invitation);
  assert.deepEqual([mailed, url], [true, null]);
  const [mail] = mails;
  assert.equal(mail?.to, "dana@acme.example");
  const [link = ""] = /http:\/\/127\.0\.0\.1:\d+\/links\/[\w-]{43}/.exec(mail?.text ?? "") ?? [];
  const visitor = createVisitor(mailing.server.url);
  const done = await confirm(visitor, await visitor.open(link), { name: "Dana" });
  assert.match(done.html, /You are a member of this workspace now/);
  const { members } = await mailing.call("list_workspace_members", {});
  assert.match(JSON.stringify(members), /dana@acme\.example/);

  const silent = await createWorld(t);
  const answered = await silent.call("invite_workspace_member", invitation);
  assert.equal(answered["mailed"], false);
  assert.match(String(answered["url"]), /\/links\/[\w-]{43}$/);
});
