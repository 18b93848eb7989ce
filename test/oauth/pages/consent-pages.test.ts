import assert from "node:assert/strict";
import { test } from "node:test";
import { createVisitor, signInVisitor, type Fields } from "./page-visitor.ts";
import { ACME, BETA, DOCUMENT_CLIENT, LOCAL_CLIENT, startSite } from "./pages-site.ts";

const PATH = "/interaction/abc";
const CHOICE = { workspace: "wks_acme", scope: ["org:read"], environments: "all", life: "month", decision: "allow" };

test("A person without a session signs in first and comes back to the request", async (t) => {
  const site = await startSite(t);
  const answer = await createVisitor(site).get(`${PATH}?workspace=wks_acme`);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), "/sign-in?return_to=%2Finteraction%2Fabc%3Fworkspace%3Dwks_acme");
});

test("T32: a session that still lacks its passkey sees no request and decides nothing", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  for (const [value, session] of site.sessions) site.sessions.set(value, { ...session, state: "password" });
  assert.equal((await visitor.get(PATH)).status, 303);
  assert.equal((await visitor.post(PATH, { ...CHOICE, csrf: visitor.csrf })).status, 303);
  assert.deepEqual(site.decisions, []);
});

test("ASVS 10.7: the page names who asks by its host, for whom, where the answer goes and each permission with its tools", async (t) => {
  const site = await startSite(t);
  const page = await (await (await signInVisitor(site)).get(PATH)).text();
  assert.match(page, /<strong class="host">claude\.ai<\/strong>/);
  assert.match(page, /calls itself “<bdi>Claude<\/bdi>”/);
  assert.match(page, /https:\/\/claude\.ai\/oauth\/client\.json/);
  assert.match(page, /mira@acme\.test/);
  assert.match(page, /your role: member/);
  for (const { sentence, tools } of ACME.scopes) {
    assert.ok(page.includes(sentence), sentence);
    assert.ok(page.includes(tools.join(", ")), tools.join());
  }
});

/** How the box of one permission stands: ticked, one that cannot be ticked, or empty. */
function box(page: string, scope: string): string {
  const input = new RegExp(`<input[^>]*name="scope"\\s+value="${scope}"([^>]*)>`).exec(page)?.[1];
  assert.ok(input !== undefined, `the page has a box for ${scope}`);
  return /\b(checked|disabled)\b/.exec(input)?.[1] ?? "";
}

test("What makes changes is unticked, what was allowed is ticked and marked, what the role does not include cannot be ticked", async (t) => {
  const site = await startSite(t);
  const page = await (await (await signInVisitor(site)).get(PATH)).text();
  assert.deepEqual(
    ACME.scopes.map(({ name }) => box(page, name)),
    ["checked", "checked", "", "", "disabled"],
  );
  assert.match(page, /allowed before/);
  assert.match(page, /your role here \(member\) does not include it/);
});

test("T49: what opens more than when it was allowed is named as such, unticked, with texts of tools as text", async (t) => {
  const site = await startSite(t);
  const since = ["<b>Wipe</b> may lose something now."];
  const scopes = ACME.scopes.map((scope) => (scope.name === "org:write" ? { ...scope, state: "widened" as const, since } : scope));
  site.view = { ...DOCUMENT_CLIENT, workspaces: [{ ...ACME, scopes }] };
  const page = await (await (await signInVisitor(site)).get(PATH)).text();
  assert.equal(box(page, "org:write"), "");
  assert.match(page, /opens more than when you allowed it/);
  assert.match(page, /&lt;b&gt;Wipe&lt;\/b&gt; may lose something now\./);
});

test("A29: a program on this computer, and one that registered itself, are shown as such and warned of", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  site.view = LOCAL_CLIENT;
  const local = await (await visitor.get(PATH)).text();
  assert.match(local, /<strong class="host">A program on this computer<\/strong>/);
  assert.match(local, /Any program here can claim any name/);
  assert.match(local, /Anybody can register an application under any name/);
  site.view = DOCUMENT_CLIENT;
  assert.doesNotMatch(await (await visitor.get(PATH)).text(), /Take care/);
});

test("The choice is passed on as it was made", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const cases: readonly [Fields, object][] = [
    [CHOICE, { scopes: ["org:read"], environments: null, isReadOnly: false, lifeSeconds: 2_592_000 }],
    [
      { ...CHOICE, scope: ["org:read", "org:write"], life: "hour" },
      { scopes: ["org:read", "org:write"], environments: null, isReadOnly: false, lifeSeconds: 3600 },
    ],
    [
      { ...CHOICE, environments: "some", environment: ["env_dev"] },
      { scopes: ["org:read"], environments: ["env_dev"], isReadOnly: false, lifeSeconds: 2_592_000 },
    ],
    [
      { ...CHOICE, environment: ["env_dev"], read_only: "on", life: "revoked" },
      { scopes: ["org:read"], environments: null, isReadOnly: true, lifeSeconds: null },
    ],
    [
      { ...CHOICE, scope: ["org:read", "org:delete", "made:up"], life: "day" },
      { scopes: ["org:read"], environments: null, isReadOnly: false, lifeSeconds: 86_400 },
    ],
    [
      { ...CHOICE, environments: "some", environment: ["env_dev", "env_other"] },
      { scopes: ["org:read"], environments: ["env_dev"], isReadOnly: false, lifeSeconds: 2_592_000 },
    ],
  ];
  for (const [fields, expected] of cases) {
    site.decisions.length = 0;
    const answer = await visitor.post(PATH, { ...fields, csrf: visitor.csrf });
    assert.equal(answer.status, 200);
    assert.deepEqual(site.decisions, [{ what: "allow", choice: { workspaceId: "wks_acme", ...expected } }]);
  }
});

test("A form that leaves something open comes back with what was chosen and says what is missing", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const cases: readonly [Fields, RegExp][] = [
    [{ ...CHOICE, scope: [] }, /Choose at least one permission/],
    [{ ...CHOICE, scope: ["org:delete"] }, /Choose at least one permission/],
    [{ ...CHOICE, scope: ["org:write"], read_only: "on" }, /Everything you chose makes changes/],
    [{ ...CHOICE, environments: "some" }, /Choose at least one environment/],
    [{ ...CHOICE, life: "forever" }, /how long this lasts/],
  ];
  for (const [fields, problem] of cases) {
    const answer = await visitor.post(PATH, { ...fields, csrf: visitor.csrf });
    assert.equal(answer.status, 422);
    const page = await answer.text();
    assert.match(page, problem);
    assert.match(page, /role="alert"/);
    assert.equal(box(page, "org:write") === "checked", fields["scope"]?.includes("org:write") === true);
  }
  site.approveProblem = "You left this workspace.";
  assert.match(await (await visitor.post(PATH, { ...CHOICE, csrf: visitor.csrf })).text(), /You left this workspace\./);
  assert.deepEqual(site.decisions, []);
});

test("Only the button that allows allows", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  for (const decision of ["", "yes", "Allow"]) await visitor.post(PATH, { ...CHOICE, decision, csrf: visitor.csrf });
  assert.deepEqual(site.decisions, []);
  await visitor.post(PATH, { csrf: visitor.csrf, decision: "refuse" });
  assert.deepEqual(site.decisions, [{ what: "refuse" }]);
});

test("With several workspaces one is chosen first, and one that is not the person's cannot be", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  site.view = { ...DOCUMENT_CLIENT, workspaces: [ACME, BETA] };
  assert.match(await (await visitor.get(PATH)).text(), /<h1>Choose a workspace<\/h1>/);
  assert.match(await (await visitor.get(`${PATH}?workspace=wks_other`)).text(), /<h1>Choose a workspace<\/h1>/);
  assert.match(await (await visitor.get(`${PATH}?workspace=wks_beta`)).text(), /your role: viewer/);
  await visitor.post(PATH, { ...CHOICE, workspace: "wks_other", csrf: visitor.csrf });
  assert.deepEqual(site.decisions, []);
});

test("A person in no workspace can still refuse", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  site.view = { ...DOCUMENT_CLIENT, workspaces: [] };
  const page = await (await visitor.get(PATH)).text();
  assert.match(page, /nothing to share/i);
  assert.doesNotMatch(page, /value="allow"/);
  await visitor.post(PATH, { csrf: visitor.csrf, decision: "refuse" });
  assert.deepEqual(site.decisions, [{ what: "refuse" }]);
});

test("After the decision a page leads to the client's address, never to one that runs as script", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const cases: readonly [string, string | undefined][] = [
    ["https://claude.ai/cb?code=a&state=b", "https://claude.ai/cb?code=a&amp;state=b"],
    ["http://127.0.0.1:3118/cb?code=a", "http://127.0.0.1:3118/cb?code=a"],
    ["http://[::1]:3118/cb?code=a", "http://[::1]:3118/cb?code=a"],
    ["cursor://anysphere.cursor-mcp/cb?code=a", "cursor://anysphere.cursor-mcp/cb?code=a"],
    [`https://x.example/"><script>`, "https://x.example/%22%3E%3Cscript%3E"],
    ["/authorize/abc", `${site.url}/authorize/abc`],
    ["javascript:alert(1)", undefined],
    [" jAvascript:alert(1)", undefined],
    ["data:text/html,x", undefined],
  ];
  for (const [location, target] of cases) {
    site.location = location;
    const answer = await visitor.post(PATH, { ...CHOICE, csrf: visitor.csrf });
    const page = await answer.text();
    if (target === undefined) assert.equal(answer.status, 500);
    else {
      assert.ok(page.includes(`<meta http-equiv="refresh" content="0;url=${target}" />`), location);
      assert.ok(page.includes(`<a href="${target}">`), location);
    }
  }
});

test("A request that was decided before, from a client that proves who it is, asks nobody", async (t) => {
  const site = await startSite(t);
  site.isKnown = true;
  const page = await (await (await signInVisitor(site)).get(PATH)).text();
  assert.match(page, /http-equiv="refresh"/);
});

test("A request that is over says so, and shares nothing", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  assert.equal((await visitor.get("/interaction/other")).status, 410);
  assert.equal((await visitor.post("/interaction/other", { ...CHOICE, csrf: visitor.csrf })).status, 410);
  assert.deepEqual(site.decisions, []);
});

test("A device's code is taken in any writing, and is then decided like any request", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  for (const user_code of ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BCDF–GHJK"]) {
    const page = await (await visitor.post("/device", { csrf: visitor.csrf, user_code })).text();
    assert.match(page, /<span class="shown-code">BCDF-GHJK<\/span>/);
    assert.match(page, /Allow this only if you hold the device yourself/);
  }
  const done = await visitor.post("/device", { ...CHOICE, csrf: visitor.csrf, user_code: "BCDFGHJK" });
  assert.match(await done.text(), /The device is connected/);
  const refused = await visitor.post("/device", { csrf: visitor.csrf, user_code: "BCDFGHJK", decision: "refuse" });
  assert.match(await refused.text(), /The device was refused/);
  assert.deepEqual(
    site.decisions.map(({ what }) => what),
    ["allow", "refuse"],
  );
});

test("A link with a device's code only fills the field (RFC 8628 §5.4); wrong and too many codes are told apart from none", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const page = await (await visitor.get("/device?user_code=bcdfghjk")).text();
  assert.match(page, /value="BCDF-GHJK"/);
  assert.doesNotMatch(page, /calls itself/);
  assert.match(
    await (await visitor.post("/device", { csrf: visitor.csrf, user_code: "ZZZZ-ZZZZ" })).text(),
    /No device waits with this code/,
  );
  assert.equal((await visitor.post("/device", { csrf: visitor.csrf, user_code: "MANYMANY" })).status, 429);
  assert.match(await (await visitor.post("/device", { csrf: visitor.csrf, user_code: "- -" })).text(), /Enter the code/);
});
