/// <reference lib="dom" />
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { before, test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { verifyExport } from "../../src/audit/index.ts";
import type { LedgerPage } from "../../src/console/contract-evidence.ts";
import { until } from "../support/remit.ts";
import { axe, openBrowser, type AtConsole } from "./support/browser.ts";
import { playDay, type Day } from "./support/day.ts";

/** Bruno is an admin, and made none of the agents: what they ask for, he may decide. */
const WHO = "bruno@acme.example";

let day: Day;
let at: AtConsole;

before(async (context) => {
  const t = context as TestContext;
  day = await playDay(t);
  at = await openBrowser(t, day.server.url, await day.signInLink(WHO));
});

/** Rows of the tables that are shown. */
const row = (page: Page, text: string | RegExp) => page.locator("tbody tr").filter({ hasText: text });

test("Overview: a decision shows the moment it is made, and what waits for the person leads to it", async (t) => {
  const page = await at.open(t, "");
  await page.getByText("live", { exact: true }).waitFor();
  await day.call("Support desk", "get_environment_details", { environment_id: day.environmentId });
  await row(page, "get_environment_details").first().waitFor();
  await page.locator("li", { hasText: "wait for your approval" }).getByRole("link", { name: "Decide" }).click();
  await row(page, "delete_organization").first().waitFor();
  at.assertClean();
});

test("Inspector: by keyboard alone a tool is found, explained and called as an agent, and a scope that is missing is named", async (t) => {
  const page = await at.open(t, "inspector");
  const callAs = page.getByRole("combobox", { name: "Call as" });
  await callAs.selectOption({ label: await labelOf(page, "Support desk") });
  await page.waitForURL(/as=/);
  await page.waitForLoadState("networkidle");
  await page.getByRole("searchbox", { name: "Filter" }).waitFor();
  await callAs.blur();
  await page.keyboard.press("/");
  await page.keyboard.type("list_environments");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const request = page.getByRole("region", { name: "Request" });
  await request.getByRole("heading", { name: "list_environments" }).waitFor();
  await request.getByRole("button", { name: "Explain" }).focus();
  await page.keyboard.press("Shift+Control+Enter");
  const outcome = page.getByRole("region", { name: "Outcome" });
  await outcome.getByText("scopes", { exact: true }).waitFor();
  await page.keyboard.press("Control+Enter");
  await outcome.getByRole("tab", { name: "Response" }).click();
  await outcome.getByText("production").first().waitFor();
  await outcome.getByRole("tab", { name: "Request" }).click();
  await outcome.getByText("tools/call").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("searchbox").fill("create_organization");
  await page.locator("button.offer", { hasText: "create_organization" }).first().click();
  await request.getByRole("button", { name: "Explain" }).click();
  await outcome.getByText("org:write").first().waitFor();
  await outcome.getByRole("heading", { name: "How to fix" }).waitFor();
  at.assertClean();
});

async function labelOf(page: Page, name: string): Promise<string> {
  const option = page.locator("option", { hasText: name }).first();
  await option.waitFor({ state: "attached" });
  return (await option.textContent()) ?? "";
}

test("Usage: a number of the heat map leads to just those records", async (t) => {
  const page = await at.open(t, "usage");
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
  at.assertClean();
});

test("Ledger: by keyboard alone a person searches, opens a record with its decision and proof, and comes back to the row", async (t) => {
  const page = await at.open(t, "usage");
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
  const dialog = page.getByRole("dialog");
  await dialog.getByText("As it was written").waitFor();
  await dialog
    .getByText(/to change it/)
    .first()
    .waitFor();
  await dialog.getByText("records under a signed root").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await rows.nth(1).evaluate((each) => each === document.activeElement), true);
  at.assertClean();
});

test("Ledger: the chain is verified, followed as it grows, and taken home whole", async (t) => {
  const page = await at.open(t, "ledger");
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByText("records are as they were written").waitFor();
  await page.getByRole("button", { name: "Live" }).click();
  await page.getByText("Listening").waitFor();
  await day.call("Support desk", "search_docs", { query: "live" });
  await row(page, "search_docs").first().waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
  await day.server.operator.signLedger();
  const verified = await verifyExport(await download.path(), { key: day.server.operator.ledgerKey() });
  assert.deepEqual([verified.ok, verified.why], [true, null]);
  assert.ok(verified.records > day.calls && Number(verified.signed) > 0);
  at.assertClean();
});

test("Agents and access: an agent is made and its secret shown once, disabled, and stopped with a receipt", async (t) => {
  const page = await at.open(t, "access");
  await page.getByRole("button", { name: "New agent" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Night watch");
  await dialog.getByLabel("env:read", { exact: true }).check();
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByText("Client secret").or(dialog.getByLabel("Client secret")).first().waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  const made = row(page, "Night watch");
  await made.getByRole("button", { name: "Disable" }).click();
  await dialog.getByRole("button", { name: "Disable" }).click();
  await made.getByText("disabled", { exact: true }).waitFor();
  const stopped = row(page, "Quarterly report");
  await stopped.getByRole("button", { name: "Stop" }).click();
  await dialog.getByLabel("Reason").fill("It reads too much");
  await dialog.getByRole("button", { name: "Stop it" }).click();
  await dialog.waitFor({ state: "detached" });
  const refused = await day.call("Quarterly report", "get_usage", {});
  assert.doesNotMatch(JSON.stringify(refused), /structuredContent/);
  await page.getByRole("tab", { name: "Kill switch" }).click();
  const receipt = page.locator("li.panel", { hasText: "It reads too much" });
  await receipt.getByRole("button", { name: "Lift" }).click();
  await dialog.getByRole("button", { name: "Lift" }).click();
  await receipt.getByText("lifted", { exact: true }).waitFor();
  at.assertClean();
});

test("Agents and access: a grant is narrowed to what was used of it, and one is revoked", async (t) => {
  const page = await at.open(t, "access?tab=least");
  const narrow = page.getByRole("button", { name: "Narrow" }).and(page.locator(":enabled"));
  await narrow.first().waitFor();
  const before = await narrow.count();
  await narrow.first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Narrow" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => ((await narrow.count()) < before ? true : undefined));
  await page.getByRole("tab", { name: "Grants" }).click();
  const revoke = page.getByRole("button", { name: "Revoke" });
  await revoke.first().waitFor();
  const grants = await revoke.count();
  await revoke.first().click();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => ((await revoke.count()) === grants - 1 ? true : undefined));
  at.assertClean();
});

test("Approvals: one call is refused with a reason, another approved so that it goes through, and that taken back", async (t) => {
  const page = await at.open(t, "approvals");
  const waiting = row(page, "delete_organization");
  await waiting.first().waitFor();
  assert.equal(await waiting.count(), 3);
  const dialog = page.getByRole("dialog");
  const mine = row(page, "Onboarding assistant");
  await mine.last().getByRole("link").click();
  await dialog.getByText("lose access").waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await dialog.getByRole("button", { name: "Refuse" }).isDisabled(), true);
  await dialog.getByLabel("Reason").fill("The wrong customer");
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.waitFor({ state: "detached" });
  await until(async () => ((await waiting.count()) === 2 ? true : undefined));
  await mine.first().getByRole("link").click();
  const shown = (await dialog.getByLabel("Arguments").first().textContent()) ?? "";
  const organization_id = day.organizationIds.find((id) => shown.includes(id)) ?? assert.fail(shown);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await dialog.waitFor({ state: "detached" });
  const done = await day.call("Onboarding assistant", "delete_organization", { environment_id: day.environmentId, organization_id });
  assert.doesNotMatch(JSON.stringify(done), /dev\.remit\/approval|isError":true/);
  await page.getByRole("tab", { name: "Changes" }).click();
  const change = row(page, "delete_organization").first();
  await change.getByRole("button", { name: "Undo" }).click();
  await dialog.getByRole("button", { name: "Undo" }).click();
  await change.getByText("undone").waitFor();
  at.assertClean();
});

test("By keyboard alone the palette goes to a tool and to a record, and the sheet of keys opens and closes", async (t) => {
  const page = await at.open(t, "health");
  await page.getByRole("button", { name: "Check again" }).waitFor();
  const { records } = (await (await at.context.request.get(`${at.url}/console/api/ledger?limit=1`)).json()) as LedgerPage;
  const seq = String(records[0]?.seq);
  const dialog = page.getByRole("dialog");
  await page.keyboard.press("?");
  await dialog.waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  for (const [text, lands] of [
    ["list_environments", /\/console\/inspector\?tool=list_environments$/],
    [seq, new RegExp(`/console/ledger/${seq}$`)],
  ] as const) {
    await page.keyboard.press("Control+k");
    await dialog.getByRole("combobox").waitFor();
    await page.keyboard.type(text);
    await dialog.getByRole("option").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Enter");
    await page.waitForURL(lands);
  }
  await dialog.getByText("As it was written").waitFor();
  at.assertClean();
});

test("Connect: the handshake of a client ticks to its end while a person looks on", async (t) => {
  const page = await at.open(t, "connect");
  await page.getByText("watching").waitFor();
  await day.connect("chidi@acme.example", "Gemini CLI");
  const attempt = page.getByRole("article", { name: "Attempt of Gemini CLI" });
  await attempt.getByText("connected", { exact: true }).waitFor();
  await attempt.getByText("Got its token").waitFor();
  at.assertClean();
});

test("Health: the checks stand in the order in which they should be mended, and run again", async (t) => {
  const page = await at.open(t, "health");
  await page.locator("tbody tr").first().waitFor();
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("button", { name: "Check again" }).waitFor();
  const checks = await page.locator("tbody tr strong").allTextContents();
  assert.ok(checks.length >= 3 && checks.indexOf("Store") < checks.indexOf("Ledger"), checks.join());
  await page.getByRole("heading", { name: "Versions" }).waitFor();
  at.assertClean();
});

test("T74: a page of another site frames nothing of the console and changes nothing by it", async (t) => {
  const site = createServer((_req, res) => res.setHeader("content-type", "text/html").end("<!doctype html><title>Elsewhere</title>"));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  const page = await at.context.newPage();
  t.after(() => page.close());
  await page.goto(`http://evil.example:${(site.address() as AddressInfo).port}/`);
  const outcomes = await page.evaluate(async (url) => {
    const frame = document.createElement("iframe");
    frame.src = `${url}/console/access`;
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    document.body.append(frame);
    await loaded;
    const attempt = (init: RequestInit) =>
      fetch(`${url}/console/api/agents`, { method: "POST", credentials: "include", ...init }).then(
        ({ type }) => type,
        () => "blocked",
      );
    const body = JSON.stringify({ name: "Forged", scopes: ["env:read"] });
    return [
      await attempt({ mode: "no-cors", headers: { "content-type": "text/plain" }, body }),
      await attempt({ headers: { "content-type": "application/json", "x-remit-console": "1" }, body }),
      await fetch(`${url}/console/api/session`, { credentials: "include" }).then(
        ({ type }) => type,
        () => "blocked",
      ),
    ];
  }, at.url);
  assert.deepEqual(outcomes, ["blocked", "blocked", "blocked"]);
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  assert.equal(await framed?.locator("#main").count(), 0);
  assert.equal((await day.server.operator.listAgents()).filter(({ name }) => name === "Forged").length, 0);
});
