/// <reference lib="dom" />
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { before, test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { connectClients } from "../../src/connect/index.ts";
import { axe, openBrowser, type AtConsole } from "./support/browser.ts";
import { playDay } from "./support/day.ts";
import { HOSTILE } from "./support/hostile.ts";

const BUILT = new URL("../../dist/console/ui/", import.meta.url).pathname;
/** Thousands of calls. */
const SCALE = 4;

/** Address, and a text that is there once the screen has its data. */
const SCREENS = [
  ["", "Needs attention"],
  ["inspector?tool=list_organizations", "Call tool"],
  ["usage", "What agents get wrong"],
  ["ledger", "Show older records"],
  ["ledger/100", "As it was written"],
  ["access", "Billing sync"],
  ["access?tab=grants", "Revoke"],
  ["access?tab=scopes", "allowed"],
  ["access?tab=least", "Enough would be"],
  ["access?tab=kill", "last let through"],
  ["access?tab=connections", "The client is connected."],
  ["approvals", "delete_organization"],
  ["approvals?tab=changes", "Can be undone until"],
  ["connect", "Connect an agent"],
  ["health", "What was found"],
] as const;

let at: AtConsole;

before(async (context) => {
  const t = context as TestContext;
  const day = await playDay(t, { scale: SCALE });
  at = await openBrowser(t, day.server.url, await day.signInLink("bruno@acme.example"));
});

for (const theme of ["light", "dark"] as const) {
  for (const [path, text] of SCREENS) {
    test(`${path} in ${theme}: shows its data, axe finds nothing, nothing foreign is asked for and nothing is complained of`, async (t) => {
      const page = await at.open(t, path, theme);
      await page.getByText(text).first().waitFor();
      assert.deepEqual(await axe(page), []);
      at.assertClean();
    });
  }
}

test("T74: no text that a client, an agent or a tool wrote does anything in a page", async (t) => {
  // What opens a client is written by nobody else.
  const ours = connectClients({ name: "remit", mcpUrl: `${at.url}/mcp` }).map(({ deepLink }) => deepLink);
  for (const [path, text] of [...SCREENS, ["ledger?q=tool:create_organization", "create_organization"] as const]) {
    const page = await at.open(t, path);
    await page.getByText(text).first().waitFor();
    assert.equal(await page.evaluate(() => "pwned" in globalThis), false, path);
    assert.equal(await page.locator("iframe, base, main img, main script, main style, [onerror], [onload], [onfocus]").count(), 0, path);
    const links = await page.locator("a").evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href));
    assert.deepEqual(
      links.filter((href) => !href.startsWith(at.url) && !ours.includes(href)),
      [],
      path,
    );
  }
  const page = await at.open(t, "access");
  for (const text of HOSTILE) await page.getByText(`${text} agent`, { exact: true }).first().waitFor();
});

test("A window of 320 pixels shows every screen without scrolling sideways", async (t) => {
  for (const [path, text] of SCREENS) {
    const page = await at.open(t, path);
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByText(text).first().waitFor();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, path);
  }
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
