/// <reference lib="dom" />
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { before, test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import axeCore from "axe-core";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { playDay } from "./support/day.ts";
import { HOSTILE } from "./support/hostile.ts";
import { servePages } from "./support/pages-server.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-sync",
];
const BUILT = new URL("../../dist/console/ui/", import.meta.url).pathname;
/** Thousands of calls; `CONSOLE_SHOTS` names a folder to which a picture of each screen is written. */
const SCALE = 4;
const SHOTS = process.env["CONSOLE_SHOTS"];

/** Address, and a text that is there once the screen has its data. */
const SCREENS = [
  ["usage", "What agents get wrong"],
  ["ledger", "Show older records"],
  ["ledger/100", "As it was written"],
  ["access", "Billing sync"],
  ["access?tab=grants", "Revoke"],
  ["access?tab=scopes", "allowed"],
  ["access?tab=least", "Enough would be"],
  ["access?tab=kill", "last let through"],
  ["access?tab=connections", "The client is connected."],
  ["approvals", "Nothing waits for you"],
] as const;

let url = "";
let browserContext: BrowserContext;
const complaints: string[] = [];
const foreign: string[] = [];

before(async (context) => {
  const t = context as TestContext;
  await build({ configFile: new URL("../../src/console/ui/vite.config.ts", import.meta.url).pathname });
  url = await servePages(t, await playDay(t, { scale: SCALE, isFriendly: SHOTS !== undefined }));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  t.after(() => browser.close());
  browserContext = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: false });
  browserContext.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.location().url}: ${message.text()}`);
  });
  browserContext.on("weberror", (error) => complaints.push(String(error.error())));
  browserContext.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(url)) foreign.push(request.url());
  });
});

async function open(t: TestContext, path: string, theme: "light" | "dark" = "light"): Promise<Page> {
  const page = await browserContext.newPage();
  t.after(() => page.close());
  await page.emulateMedia({ colorScheme: theme });
  await page.goto(`${url}/console/${path}`);
  return page;
}

/** What axe finds, all of its rules run. */
async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(): Promise<{ passes: unknown[]; violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { passes, violations } = await checker.run();
    if (passes.length < 20) return ["axe found hardly anything to look at"];
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ""}`);
  });
}

for (const theme of ["light", "dark"] as const) {
  for (const [path, text] of SCREENS) {
    test(`${path} in ${theme}: shows its data, axe finds nothing, nothing foreign is asked for and nothing is complained of`, async (t) => {
      const page = await open(t, path, theme);
      await page.getByText(text).first().waitFor();
      const found = await axe(page);
      if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${path.replaceAll(/[/?=]/g, "-")}-${theme}.png` });
      assert.deepEqual(found, []);
      assert.deepEqual([complaints, foreign], [[], []]);
    });
  }
}

test("T74: no text that a client, an agent or a tool wrote does anything in a page", async (t) => {
  for (const [path, text] of [...SCREENS, ["ledger?q=tool:create_organization", "create_organization"] as const]) {
    const page = await open(t, path);
    await page.getByText(text).first().waitFor();
    assert.equal(await page.evaluate(() => "pwned" in globalThis), false, path);
    assert.equal(await page.locator("iframe, base, main img, main script, main style, [onerror], [onload], [onfocus]").count(), 0, path);
    const links = await page.locator("a").evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href));
    assert.deepEqual(
      links.filter((href) => !href.startsWith(url)),
      [],
      path,
    );
  }
  const page = await open(t, "access");
  for (const text of HOSTILE) await page.getByText(`${text} agent`, { exact: true }).first().waitFor();
});

test("A window of 320 pixels shows every screen without scrolling sideways", async (t) => {
  for (const [path, text] of SCREENS) {
    const page = await open(t, path);
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByText(text).first().waitFor();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, path);
  }
});

test("By keyboard alone a person goes to the ledger, searches, opens a record and comes back to the row", async (t) => {
  const page = await open(t, "usage");
  await page.getByText("What agents get wrong").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.getByRole("searchbox").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("reason:insufficient_scope");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=reason/);
  const rows = page.locator("tbody tr");
  await rows.filter({ hasText: "insufficient_scope" }).first().waitFor();
  await rows.first().focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("As it was written").waitFor();
  await page
    .getByRole("dialog")
    .getByText(/to change it/)
    .first()
    .waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await rows.nth(1).evaluate((row) => row === document.activeElement), true);
});

test("A number of the heat map leads to just those records", async (t) => {
  const page = await open(t, "usage");
  const cell = page.locator("a.heat-5").first();
  const calls = Number(/: ([\d,]+) calls/.exec((await cell.getAttribute("aria-label")) ?? "")?.[1]?.replace(",", ""));
  await cell.click();
  await page.waitForURL(/\/console\/ledger\?q=tool/);
  // The rows of the heat map stay until the ledger's code is there.
  await page.getByRole("region", { name: "Records, newest first" }).locator("tbody tr").first().waitFor();
  while (await page.getByRole("button", { name: "Show older records" }).isVisible()) {
    const shown = await page.locator("tbody tr").count();
    await page.getByRole("button", { name: "Show older records" }).click();
    await page.waitForFunction(
      (many) => document.querySelectorAll("tbody tr").length !== many || document.querySelector("main .panel-body button") === null,
      shown,
    );
  }
  assert.equal(await page.locator("tbody tr").count(), calls);
});

test("A person sees what a call would do, must say why to refuse, and decides about just what was shown", async (t) => {
  const evil = HOSTILE.join(" ");
  const approval = {
    id: "apr_1",
    state: "pending",
    clientId: "cl_1",
    clientName: evil,
    actsFor: null,
    tool: "delete_organization",
    toolTitle: evil,
    effect: "destructive",
    arguments: { name: evil },
    digest: "the-digest",
    approversNeeded: 1,
    approvedBy: [],
    hasApproved: false,
    reason: null,
    requestedAt: 1_790_000_000_000,
    expiresAt: 1_790_000_900_000,
    plan: {
      summary: `Deletes ${evil}`,
      rows: 3,
      losesAccess: [evil],
      versions: {},
      changes: [{ change: "delete", resource: `organization ${evil}`, before: { name: evil } }],
    },
  };
  const page = await browserContext.newPage();
  t.after(() => page.close());
  const sent: unknown[] = [];
  await page.route("**/console/api/approvals", (route) => route.fulfill({ json: { approvals: sent.length > 0 ? [] : [approval] } }));
  await page.route("**/console/api/approvals/apr_1", (route) => route.fulfill({ json: approval }));
  await page.route("**/console/api/approvals/apr_1/*", (route) => {
    sent.push([route.request().url().split("/").at(-1), route.request().headers()["x-remit-console"], route.request().postDataJSON()]);
    return route.fulfill({ json: {} });
  });
  await page.goto(`${url}/console/approvals`);
  await page.getByRole("link", { name: "delete_organization" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("lose access").waitFor();
  assert.equal(await page.evaluate(() => "pwned" in globalThis), false);
  assert.deepEqual(await axe(page), []);
  assert.equal(await dialog.getByRole("button", { name: "Refuse" }).isDisabled(), true);
  await dialog.getByLabel("Reason").fill("The wrong customer");
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Nothing waits for you").waitFor();
  assert.deepEqual(sent, [["refuse", "1", { digest: "the-digest", reason: "The wrong customer" }]]);
});

test("The pages weigh at most 40 kB of script at first, 110 kB in all and 10 kB of style, gzipped", () => {
  const weigh = (paths: readonly string[]) => paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
  const html = readFileSync(`${BUILT}index.html`, "utf8");
  const first = [...html.matchAll(/(?:src|href)="\/console\/(assets\/[^"]+\.js)"/g)].map(([, path]) => `${BUILT}${path}`);
  assert.ok(first.length > 0);
  assert.ok(weigh(first) <= 40_000, `${weigh(first)} at first`);
  assert.ok(weigh(globSync(`${BUILT}assets/*.js`)) <= 110_000);
  assert.ok(weigh(globSync(`${BUILT}assets/*.css`)) <= 10_000);
});
