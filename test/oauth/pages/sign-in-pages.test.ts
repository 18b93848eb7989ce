import assert from "node:assert/strict";
import { test } from "node:test";
import { createVisitor, hiddenField, signInVisitor } from "./page-visitor.ts";
import { PASSWORD, startSite, START_AT } from "./pages-site.ts";

test("A password signs in and leads to where the person was going", async (t) => {
  const site = await startSite(t);
  const visitor = createVisitor(site);
  const page = await (await visitor.get("/sign-in?return_to=/interaction/abc")).text();
  const fields = {
    csrf: hiddenField(page, "csrf"),
    return_to: hiddenField(page, "return_to"),
    email: " mira@acme.test ",
    password: PASSWORD,
  };
  const answer = await visitor.post("/sign-in", fields);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), "/interaction/abc");
  assert.equal((await visitor.get("/account")).status, 200);
  assert.equal((await visitor.get("/sign-in?return_to=/device")).headers.get("location"), "/device");
});

test("A wrong password is said so beside the form, which keeps the address and never the password", async (t) => {
  const site = await startSite(t);
  const visitor = createVisitor(site);
  const csrf = hiddenField(await (await visitor.get("/sign-in")).text(), "csrf");
  const answer = await visitor.post("/sign-in", { csrf, email: `mira"@acme.test`, password: "wrong-password" });
  assert.equal(answer.status, 422);
  const page = await answer.text();
  assert.match(page, /role="alert"[^>]*autofocus/);
  assert.match(page, /<title>Problem: sign in/);
  assert.match(page, /value="mira&quot;@acme\.test"/);
  assert.doesNotMatch(page, /wrong-password/);
  const slow = await visitor.post("/sign-in", { csrf, email: "slow@acme.test", password: "x" });
  assert.equal(slow.status, 429);
  assert.equal(slow.headers.get("retry-after"), "30");
});

test("The cookie of forms is only for this host, this browser and these requests", async (t) => {
  const site = await startSite(t);
  const [cookie = ""] = (await site.request("/sign-in")).headers.getSetCookie();
  assert.match(cookie, /^remit_form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=7200$/);
});

test("Opening a sign-in link does not use it up; its button does, once", async (t) => {
  const site = await startSite(t);
  const visitor = createVisitor(site);
  const path = "/sign-in/link?secret=link-secret";
  for (let i = 0; i < 3; i++) await visitor.get(path);
  const page = await (await visitor.get(path)).text();
  assert.match(page, /signs this browser in as <strong>mira@acme\.test<\/strong>/);
  const fields = { csrf: hiddenField(page, "csrf"), secret: hiddenField(page, "secret") };
  const used = await visitor.post("/sign-in/link", fields);
  assert.equal(used.headers.get("location"), "/account");
  const again = await visitor.post("/sign-in/link", fields);
  assert.equal(again.status, 422);
  assert.match(await again.text(), /used already or has expired/);
  assert.equal((await visitor.get(path)).status, 410);
});

test("Signing in as somebody else ends the session that was there", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  const [before] = site.sessions.keys();
  site.links.set("other", "acc_sam");
  const page = await (await visitor.get("/sign-in/link?secret=other")).text();
  await visitor.post("/sign-in/link", { csrf: hiddenField(page, "csrf"), secret: "other" });
  assert.deepEqual(
    [...site.sessions].map(([value, { accountId }]) => [value === before, accountId]),
    [[false, "acc_sam"]],
  );
});

test("Another provider is reached by a page with a link, and its answer leads on inside this server only", async (t) => {
  const site = await startSite(t);
  const visitor = createVisitor(site);
  const csrf = hiddenField(await (await visitor.get("/sign-in")).text(), "csrf");
  const away = await (await visitor.post("/sign-in/external", { csrf, return_to: "/device" })).text();
  assert.match(away, /url=https:\/\/login\.example\.com\/authorize\?state=1&amp;to=%2Fdevice/);
  assert.equal((await visitor.get("/sign-in/external?error=denied")).status, 422);
  assert.equal((await visitor.get("/sign-in/external?code=1")).headers.get("location"), "/device");
  site.externalReturnTo = "//evil.example";
  assert.equal((await createVisitor(site).get("/sign-in/external?code=1")).headers.get("location"), "/account");
});

test("T32: a session that a password began asks for the passkey and nothing else", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  for (const [value, session] of site.sessions) site.sessions.set(value, { ...session, state: "password" });
  const page = await (await visitor.get("/sign-in?return_to=/device")).text();
  assert.match(page, /Confirm with your passkey/);
  assert.doesNotMatch(page, /type="password"/);
  const wrong = await visitor.post("/sign-in/passkey", { csrf: hiddenField(page, "csrf"), response: `{"id":"x"}`, return_to: "/device" });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /not known here/);
  const out = await visitor.post("/sign-out", { csrf: visitor.csrf });
  assert.equal(out.headers.get("location"), "/sign-in");
  assert.equal(site.sessions.size, 0);
});

test("The account page shows what each agent may do, and takes it back", async (t) => {
  const site = await startSite(t);
  const visitor = await signInVisitor(site);
  assert.match(await (await visitor.get("/account")).text(), /No agent has access/);
  const base = {
    clientName: "Claude",
    workspaceName: "Acme",
    scopes: ["org:read", "org:write"],
    createdAt: START_AT,
    usedAt: null,
    expiresAt: null,
  };
  site.connections = [
    { ...base, grantId: "gr_1", clientId: "https://claude.ai/oauth/client.json", redirectHost: "claude.ai", environments: ["env_dev"] },
    { ...base, grantId: "gr_3", clientId: "cl_3", redirectHost: "127.0.0.1", environments: null },
    {
      ...base,
      grantId: "gr_2",
      clientId: "cl_2",
      redirectHost: null,
      environments: null,
      usedAt: START_AT,
      expiresAt: START_AT + 3_600_000,
    },
  ];
  const page = await (await visitor.get("/account")).text();
  for (const text of [
    "<h3>claude.ai</h3>",
    "<h3>A device</h3>",
    "<h3>A program on your computer</h3>",
    "org:write",
    "1 environment only",
    "23 Nov 2026, 09:30 UTC",
    "ends <time",
  ]) {
    assert.ok(page.includes(text), text);
  }
  const answer = await visitor.post("/account", { csrf: visitor.csrf, action: "revoke", grant: "gr_1" });
  assert.equal(answer.headers.get("location"), "/account?done=revoked");
  assert.deepEqual(site.revoked, ["gr_1"]);
  const after = await (await visitor.get("/account?done=revoked")).text();
  assert.match(after, /The access was revoked/);
  assert.doesNotMatch(after, /claude\.ai/);
});

test("Signing out ends the session; everywhere, all of the person's and nobody else's", async (t) => {
  const site = await startSite(t);
  const [first, second] = [await signInVisitor(site), await signInVisitor(site)];
  site.sessions.set("sam", { idHash: "sam", accountId: "acc_sam", state: "full", csrf: "x" });
  await first.post("/sign-out", { csrf: first.csrf, return_to: "/interaction/abc" });
  assert.equal(site.sessions.size, 2);
  await second.post("/account", { csrf: second.csrf, action: "sign_out_everywhere" });
  assert.deepEqual([...site.sessions.keys()], ["sam"]);
});
