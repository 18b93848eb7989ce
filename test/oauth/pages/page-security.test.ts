import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { problemPage } from "../../../src/oauth/pages/index.ts";
import { parseReturnTo } from "../../../src/oauth/pages/return-to.ts";
import { showUntrusted } from "../../../src/oauth/pages/untrusted-text.ts";
import { createVisitor, hiddenField, OWN_FORM, signInVisitor } from "./page-visitor.ts";
import { DOCUMENT_CLIENT, LOCAL_CLIENT, PASSWORD, startSite, START_AT } from "./pages-site.ts";
import { anyCharacter } from "../../support/arbitraries/index.ts";

const ALLOW = { workspace: "wks_acme", scope: ["org:read"], environments: "all", life: "month", decision: "allow" };

test("T25: every page forbids frames, foreign content, sniffing, storing and telling others", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const paths = [
    "/interaction/abc",
    "/interaction/none",
    "/device",
    "/account",
    "/sign-in",
    "/sign-in/link?secret=link-secret",
    "/sign-in/link",
    "/sign-out",
  ];
  for (const path of paths) {
    const { headers } = await visitor.get(path);
    const csp = headers.get("content-security-policy") ?? "";
    for (const rule of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ]) {
      assert.ok(csp.split("; ").includes(rule), `${path}: ${rule}`);
    }
    assert.match(csp, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(csp, /unsafe|\*|https?:/);
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
});

/** Names that a client may claim: what may be seen of each, and what must not be in the page. */
const NAMES: readonly [title: string, name: string, shown: string, absent: RegExp][] = [
  ["markup", "<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;", /<img/],
  ["a script", "</bdi><script>alert(1)</script>", "&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;", /<script(?! src="\/assets)/],
  ["quotes", `" autofocus onfocus='x`, "&quot; autofocus onfocus=&#39;x", /" autofocus onfocus/],
  ["a turned direction", "Claude\u202egpj.exe", "Claudegpj.exe", /\u202e/],
  ["isolates and marks", "\u2066Cla\u200bude\u2069\ufeff", "Claude", /[\u2066\u2069\u200b\ufeff]/],
  ["tags of invisible letters", `Claude${"\u{e0041}".repeat(40)}`, "Claude", /[\u{e0000}-\u{e007f}]/u],
  ["several lines", "Claude\r\n\u2028Verified by Acme", "Claude Verified by Acme", /Claude[\r\n\u2028]/],
  ["piled marks", `C${"\u0300\u0301\u0302".repeat(30)}`, "C\u0300\u0301", /\u0302/],
  ["nothing visible", "\u200b\u200b", "(no readable name)", /\u200b/],
];

for (const [title, clientName, shown, absent] of NAMES) {
  test(`T25: a client name with ${title} is text that says what it is`, async (t) => {
    const site = await startSite(t);
    const visitor = await signInVisitor(site);
    site.view = { ...LOCAL_CLIENT, clientName };
    site.connections = [connection(clientName)];
    for (const path of ["/interaction/abc", "/account"]) {
      const page = await (await visitor.get(path)).text();
      assert.ok(page.includes(`calls itself “<bdi>${shown}</bdi>”`), path);
      assert.doesNotMatch(page, absent);
    }
  });
}

const connection = (clientName: string) => ({
  grantId: "gr_1",
  clientId: "cl_1",
  clientName,
  workspaceName: "Acme",
  scopes: ["org:read"],
  environments: null,
  redirectHost: "127.0.0.1",
  createdAt: START_AT,
  expiresAt: null,
  usedAt: null,
});

test("T25: a name of look-alike letters is warned of, and one of 10 KB is cut", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  site.view = { ...DOCUMENT_CLIENT, clientName: "Cl\u0430ude" };
  assert.match(await (await visitor.get("/interaction/abc")).text(), /mixes alphabets whose letters look alike/);
  site.view = { ...DOCUMENT_CLIENT, clientName: "Cla\u200bude" };
  assert.match(await (await visitor.get("/interaction/abc")).text(), /held hidden characters/);
  site.view = { ...DOCUMENT_CLIENT, clientName: "Claude ".repeat(1500) };
  const page = await (await visitor.get("/interaction/abc")).text();
  assert.equal(page.split("Claude").length - 1, 8);
  for (const clientName of ["Claude", "Клод", "クロード Code", "Zoë’s agent", "ایجنت"])
    assert.equal(showUntrusted(clientName).warning, undefined, clientName);
});

test("T25: whatever a name holds, what is shown is one short visible line", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 2000 }), (name) => {
      const { text } = showUntrusted(name);
      assert.ok(text.length > 0 && Array.from(text).length <= 61);
      assert.doesNotMatch(text, /[\p{C}\u2028\u2029\r\n]/u);
    }),
  );
});

test("T25: no page loads or names a client's logo", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const page = await (await visitor.get("/interaction/abc")).text();
  assert.doesNotMatch(page, /<img|url\(/);
});

test("T25: a form without the session's token decides nothing", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const other = await signInVisitor(site);
  for (const csrf of ["", "x", other.csrf, `${visitor.csrf}x`]) {
    for (const path of ["/interaction/abc", "/device", "/account", "/account/passkey/options", "/sign-out"]) {
      assert.equal((await visitor.post(path, { ...ALLOW, user_code: "BCDFGHJK", action: "sign_out_everywhere", csrf })).status, 403, path);
    }
  }
  assert.deepEqual(site.decisions, []);
  assert.equal(site.sessions.size, 2);
});

/** What browsers send with forms, and whether it is one of ours. */
const ORIGINS: readonly [headers: Record<string, string>, status: number][] = [
  [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, 403],
  [{ "sec-fetch-site": "same-site", origin: "https://evil.acme.test" }, 403],
  [{ "sec-fetch-site": "none" }, 403],
  [{ "sec-fetch-site": "same-origin", origin: "https://evil.example" }, 403],
  [{ origin: "https://evil.example" }, 403],
  [{ origin: "null" }, 403],
  [OWN_FORM, 200],
  [{ "sec-fetch-site": "same-origin" }, 200],
  [{}, 200],
];

test("T25: a form that another site sent is refused even with the right token", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  for (const [headers, status] of [...ORIGINS, [{ origin: site.url }, 200] as const]) {
    const answer = await visitor.post("/interaction/abc", { ...ALLOW, csrf: visitor.csrf }, headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
  }
  assert.equal(site.decisions.length, 4);
});

test("T25: sign-in forms are tied to the browser that was shown them, for an hour", async (t) => {
  const site = await startSite(t);
  const [victim, attacker] = [createVisitor(site), createVisitor(site)];
  const theirs = hiddenField(await (await attacker.get("/sign-in")).text(), "csrf");
  const own = hiddenField(await (await victim.get("/sign-in")).text(), "csrf");
  const fields = { email: "mira@acme.test", password: PASSWORD };
  for (const csrf of ["", theirs, `${own}x`, own.replace(".", "..")])
    assert.equal((await victim.post("/sign-in", { ...fields, csrf })).status, 403);
  assert.equal((await victim.post("/sign-in/link", { secret: "link-secret", csrf: theirs })).status, 403);
  assert.deepEqual(site.passwordAttempts, []);
  site.nowMs += 3_600_000;
  assert.equal((await victim.post("/sign-in", { ...fields, csrf: own })).status, 403);
  site.nowMs -= 1;
  assert.equal((await victim.post("/sign-in", { ...fields, csrf: own })).status, 303);
});

test("Forms are small and urlencoded, or they are not taken", async (t) => {
  const site = await startSite(t);
  const send = (body: BodyInit, type?: string) =>
    site.request("/sign-in", { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });
  assert.equal((await send("{}", "application/json")).status, 415);
  assert.equal((await send("csrf=x", "text/plain")).status, 415);
  assert.equal((await send(new FormData())).status, 415);
  assert.equal((await send(new URLSearchParams({ a: "x".repeat(16 * 1024) }))).status, 413);
  const stream = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(8192).fill(120)) });
  const endless = site.request("/sign-in", {
    method: "POST",
    body: stream,
    duplex: "half",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  } as RequestInit);
  assert.equal(
    await endless.then(
      ({ status }) => status,
      () => 413,
    ),
    413,
  );
});

test("T74: people are sent on only to paths of this server", () => {
  const evil = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/%0Aa",
    "/a\r\nSet-Cookie: a=b",
    "evil.example",
    "",
    `/${"a".repeat(3000)}`,
  ];
  for (const value of evil) assert.equal(parseReturnTo(value), "/account", JSON.stringify(value));
  assert.equal(parseReturnTo("/interaction/abc?workspace=a"), "/interaction/abc?workspace=a");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.string().map((text) => `/${text}`),
        fc.string({ unit: fc.constantFrom("/", "\\", ".", "%", "2", "f", "@", ":", "\t", "a") }),
      ),
      (value) => {
        const to = parseReturnTo(value);
        assert.equal(new URL(to, "https://own.example").origin, "https://own.example");
        assert.match(to, /^\/(?![/\\])[\x21-\x7e]*$/);
      },
    ),
  );
});

test("A fault shows an id and nothing of what went wrong", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  site.hasFault = true;
  const answer = await visitor.get("/account");
  assert.equal(answer.status, 500);
  const page = await answer.text();
  assert.match(page, /err_[0-9a-z]{26}/);
  assert.doesNotMatch(page, /secret detail/);
});

test("Files of pages are kept for good under the digest of what they say, and only there", async (t) => {
  const site = await startSite(t);
  const page = await (await createVisitor(site).get("/sign-in")).text();
  const [style, script] = [/href="(\/assets\/pages\.css\?v=\w+)"/, /src="(\/assets\/pages\.js\?v=\w+)"/].map(
    (pattern) => pattern.exec(page)?.[1] ?? "",
  );
  for (const [url, type] of [
    [style, "text/css; charset=utf-8"],
    [script, "text/javascript; charset=utf-8"],
  ] as const) {
    const asset = await site.request(url ?? "");
    assert.equal(asset.headers.get("content-type"), type);
    assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal((await site.request(`${url?.split("?")[0]}?v=old`)).headers.get("cache-control"), "no-cache");
  }
});

test("T25: what is wrong with an authorization request is shown as text, under the same headers", async (t) => {
  const { html, headers } = problemPage("Acme & Sons", {
    error: "invalid_request",
    error_description: "<img src=x onerror=alert(1)> is not registered",
  });
  assert.match(html, /&lt;img src=x/);
  assert.doesNotMatch(html, /<img/);
  assert.match(html, /<header class="brand">.*Acme &amp; Sons<\/header>/);
  assert.doesNotMatch(html, /Remit/);
  const site = await startSite(t);
  const page = await site.request("/sign-in");
  for (const [name, value] of Object.entries(headers)) assert.equal(page.headers.get(name), value);
  assert.ok("Content-Security-Policy" in headers);
});

test("Other paths are left to others, and other methods are refused with those that work", async (t) => {
  const site = await startSite(t);
  assert.equal(await (await site.request("/mcp")).text(), "not a page");
  for (const [path, method, allow] of [
    ["/sign-in/passkey", "GET", "POST"],
    ["/sign-out", "GET", "POST"],
    ["/account", "DELETE", "GET, HEAD, POST"],
  ] as const) {
    const answer = await site.request(path, { method });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("allow"), allow);
  }
});
