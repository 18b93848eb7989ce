/// <reference lib="dom" />
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { LOCAL_CLIENT, PASSWORD, startSite, type Site } from "../oauth/pages/pages-site.ts";

interface Browsing {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: blocked content and script errors. */
  readonly complaints: string[];
  /** Hosts that anything was asked of. */
  readonly hosts: Set<string>;
}

async function browse(t: TestContext, javaScriptEnabled: boolean): Promise<Browsing> {
  const browser = await launchChromium(["app.example", "next.example", "evil.example"]);
  t.after(() => browser.close());
  const context = await browser.newContext({ javaScriptEnabled });
  const complaints: string[] = [];
  const hosts = new Set<string>();
  context.on("console", (message) => {
    // A form that is refused answers with its status, which the console notes; that is not a fault of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => {
    if (request.url().startsWith("http")) hosts.add(new URL(request.url()).host);
  });
  return { context, page: await context.newPage(), complaints, hosts };
}

/** A site that answers with a page, and from `/cb` leads on to another host as clients' callbacks do. */
async function startClient(t: TestContext): Promise<string> {
  const server = createServer((req, res) => {
    const { port } = server.address() as AddressInfo;
    if (req.url?.startsWith("/cb") === true) res.writeHead(302, { location: `http://next.example:${port}/done${req.url.slice(3)}` }).end();
    else res.setHeader("content-type", "text/html").end("<!doctype html><title>Connected</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://app.example:${(server.address() as AddressInfo).port}`;
}

async function fillSignIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel("Email").fill("mira@acme.test");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function walkToConsent(site: Site, page: Page): Promise<void> {
  await page.goto(`${site.url}/interaction/abc`);
  await fillSignIn(page, "not this one");
  assert.match(await page.getByRole("alert").innerText(), /not right/);
  await fillSignIn(page);
  await page.getByRole("heading", { name: "Allow access to Acme operations?" }).waitFor();
}

for (const hasScript of [true, false]) {
  test(`T25: ${hasScript ? "with" : "without"} JavaScript a person signs in, decides, is taken back over two redirects and revokes; nothing is blocked, nothing foreign is loaded`, async (t) => {
    const [site, client] = [await startSite(t), await startClient(t)];
    const { page, complaints, hosts } = await browse(t, hasScript);
    site.location = `${client}/cb?code=abc`;
    site.view = LOCAL_CLIENT;
    await walkToConsent(site, page);
    await page.getByRole("checkbox", { name: /Create and change organizations/ }).check();
    await page.getByLabel("Only some").check();
    await page.getByLabel("Development").check();
    await page.getByLabel("1 hour").check();
    await page.getByRole("button", { name: "Allow what is ticked" }).click();
    await page.waitForURL("http://next.example:*/done?code=abc");
    const choice = {
      workspaceId: "wks_acme",
      scopes: ["org:read", "connection:read", "org:write"],
      environments: ["env_dev"],
      isReadOnly: false,
      lifeSeconds: 3600,
    };
    assert.deepEqual(site.decisions, [{ what: "allow", choice }]);

    const names = { clientId: "cl_1", clientName: "Cursor", workspaceName: "Acme", redirectHost: "127.0.0.1" };
    site.connections = [
      { ...names, grantId: "gr_1", scopes: ["org:read"], environments: null, createdAt: site.nowMs, expiresAt: null, usedAt: null },
    ];
    await page.goto(`${site.url}/account`);
    await page.getByText("Revoke…").click();
    await page.getByRole("button", { name: "Revoke access" }).click();
    await page.getByText("The access was revoked").waitFor();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(site.sessions.size, 0);
    assert.deepEqual(complaints, []);
    const port = new URL(client).port;
    assert.deepEqual([...hosts].sort(), [`app.example:${port}`, `next.example:${port}`, new URL(site.url).host].sort());
  });
}

test("A person adds a passkey, and signs in with it alone and after the password", async (t) => {
  const site = await startSite(t, "localhost");
  const { context, page, complaints } = await browse(t, true);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  } as const;
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  await page.goto(`${site.url}/account`);
  await fillSignIn(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop <b>");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("heading", { name: "Laptop <b>" }).waitFor();

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await fillSignIn(page);
  await page.getByRole("heading", { name: "Confirm with your passkey" }).waitFor();
  await page.goto(`${site.url}/interaction/abc`);
  await page.getByRole("button", { name: "Continue with your passkey" }).click();
  await page.getByRole("heading", { name: /Allow access/ }).waitFor();
  assert.deepEqual(
    [...site.sessions.values()].map(({ state }) => state),
    ["full"],
  );

  await page.goto(`${site.url}/account`);
  await page.getByText("Remove…").click();
  await page.getByRole("button", { name: "Remove passkey" }).click();
  await page.getByText("No passkey yet").waitFor();
  assert.deepEqual(complaints, []);
});

test("T25: another site can neither frame a page nor send a form to it", async (t) => {
  const [site, client] = [await startSite(t), await startClient(t)];
  const { page } = await browse(t, true);
  await walkToConsent(site, page);
  const csrf = [...site.sessions.values()][0]?.csrf ?? "";
  await page.goto(client.replace("app.example", "evil.example"));
  await page.setContent(`<iframe src="${site.url}/sign-in"></iframe><iframe src="${client}"></iframe>`);
  await page.waitForFunction(() => window.frames.length === 2);
  const [, ours, theirs] = page.frames();
  await ours?.waitForURL(/^chrome-error:/);
  assert.equal(await theirs?.title(), "Connected");

  const fields = { csrf, workspace: "wks_acme", scope: "org:write", environments: "all", life: "revoked", decision: "allow" };
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  await page.setContent(`<form method="post" action="${site.url}/interaction/abc">${inputs.join("")}<button>Win a prize</button></form>`);
  const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("button").click()]);
  assert.equal(answer?.status(), 403);
  assert.deepEqual(site.decisions, []);
});

test("Pages fit a window of 320 pixels, and by keyboard alone a person signs in and refuses", async (t) => {
  const [site, client] = [await startSite(t), await startClient(t)];
  const { page } = await browse(t, true);
  await page.setViewportSize({ width: 320, height: 640 });
  site.location = `${client}/done`;
  site.view = { ...LOCAL_CLIENT, clientName: "W".repeat(60), askingHost: `${"very-long-label.".repeat(8)}example` };
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.goto(`${site.url}/interaction/abc`);
  assert.equal(await overflow(), 0);
  await page.keyboard.type("mira@acme.test");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /Allow access/ }).waitFor();
  assert.equal(await overflow(), 0);
  for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement?.getAttribute("value") === "refuse")); i++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(site.location);
  assert.deepEqual(site.decisions, [{ what: "refuse" }]);
  for (const path of ["/account", "/device", "/sign-in/link?secret=link-secret"]) {
    await page.goto(site.url + path);
    assert.equal(await overflow(), 0, path);
  }
});
