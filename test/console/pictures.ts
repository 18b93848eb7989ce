/// <reference lib="dom" />
/**
 * `npm run console:pictures FOLDER` writes the pictures of the guide: every screen in both themes, on a real server after the scripted day. With
 * `pngquant` they are as small as the guide has them.
 */
import type { Page } from "playwright-core";
import { openBrowser, type AtConsole } from "./support/browser.ts";
import { playDay, type Day } from "./support/day.ts";

interface Picture {
  readonly name: string;
  /** Below `/console/`. */
  readonly path: string;
  /** There once the data are. */
  readonly text: string;
  act?(page: Page, day: Day): Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: "overview", path: "", text: "Needs attention" },
  { name: "inspector", path: "inspector?tool=create_organization", text: "Call tool", act: callRefused },
  { name: "connect", path: "connect?client=claude-code", text: "Claude Code" },
  { name: "usage", path: "usage", text: "What agents get wrong", act: (page) => page.waitForTimeout(500) },
  {
    name: "usage-fixes",
    path: "usage",
    text: "What agents get wrong",
    act: (page) => page.getByText("Fix:").first().scrollIntoViewIfNeeded(),
  },
  { name: "ledger", path: "ledger", text: "Show older records", act: verified },
  { name: "ledger-record", path: "ledger?q=reason%3Ainsufficient_scope", text: "insufficient_scope", act: openRecord },
  { name: "access", path: "access", text: "Billing sync" },
  { name: "grants", path: "access?tab=grants", text: "Revoke" },
  { name: "scopes", path: "access?tab=scopes", text: "allowed" },
  { name: "least-privilege", path: "access?tab=least", text: "Enough would be" },
  { name: "kill-switch", path: "access?tab=kill", text: "last let through" },
  { name: "connections", path: "access?tab=connections", text: "The client is connected." },
  { name: "approvals", path: "approvals", text: "delete_organization", act: (page) => page.locator("tbody a").first().click() },
  { name: "changes", path: "approvals?tab=changes", text: "Can be undone until" },
  { name: "health", path: "health", text: "What was found" },
];

async function callRefused(page: Page): Promise<void> {
  const support = await page.locator("option", { hasText: "Support desk" }).first().textContent();
  await page.getByRole("combobox", { name: "Call as" }).selectOption({ label: support ?? "" });
  await page.waitForLoadState("networkidle");
  await page.getByRole("group").getByRole("button").first().or(page.locator(".tool-head button").first()).first().click();
  await page.getByRole("button", { name: "Call tool" }).click();
  await page.getByRole("heading", { name: "How to fix" }).waitFor();
}

async function verified(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByText("as they were written").waitFor();
}

async function openRecord(page: Page): Promise<void> {
  await page.locator("tbody a").first().click();
  await page.getByRole("dialog").getByText("As it was written").waitFor();
}

async function take(at: AtConsole, day: Day, folder: string): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  for (const theme of ["light", "dark"] as const) {
    for (const { name, path, text, act } of PICTURES) {
      const page = await at.open({ after: (end) => void closing.push(end as () => Promise<void>) }, path, theme);
      await page.getByText(text).first().waitFor();
      await act?.(page, day);
      await page.screenshot({ path: `${folder}/${name}-${theme}.png` });
      for (const close of closing.splice(0)) await close();
    }
  }
}

const [folder = "."] = process.argv.slice(2);
const closing: (() => unknown)[] = [];
const t = { after: (end: () => unknown) => void closing.unshift(end) };
try {
  const day = await playDay(t, { scale: 4, isFriendly: true });
  await day.connect("chidi@acme.example", "Gemini CLI");
  await take(await openBrowser(t, day.server.url, await day.signInLink("bruno@acme.example")), day, folder);
} finally {
  for (const end of closing) await end();
}
