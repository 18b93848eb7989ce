/// <reference lib="dom" />
/** Chromium at the console of a running server: signed in through the pages, and what it had to complain of. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import axeCore from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { launchChromium } from "../../browser/chromium.ts";

/** An access token, wherever it stands. */
const TOKEN = /eyJ[\w-]{10,}\.eyJ[\w-]+\.[\w-]+/;

export interface AtConsole {
  readonly url: string;
  readonly context: BrowserContext;
  /** A page of the console; `path` is below `/console/`. */
  open(t: Pick<TestContext, "after">, path: string, theme?: "light" | "dark"): Promise<Page>;
  /** Fails when anything was complained of, asked for elsewhere, or told that must not be. */
  assertClean(): void;
}

export async function openBrowser(t: Pick<TestContext, "after">, url: string, signInLink: string): Promise<AtConsole> {
  const browser = await launchChromium(["evil.example"]);
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: false });
  context.setDefaultTimeout(10_000);
  const noted = watch(context, url);
  const page = await context.newPage();
  await page.goto(signInLink);
  await page.getByRole("button", { name: /Sign in|Continue/ }).click();
  await page.waitForURL(/\/(console|account)/);
  await page.close();
  return {
    url,
    context,
    async open(test, path, theme = "light") {
      const opened = await context.newPage();
      test.after(() => opened.close());
      await opened.emulateMedia({ colorScheme: theme });
      await opened.goto(`${url}/console/${path}`);
      return opened;
    },
    assertClean() {
      const { complaints, foreign, leaks } = noted;
      // What one test leaves is no fault of the next.
      assert.deepEqual([complaints.splice(0), foreign.splice(0), leaks.splice(0)], [[], [], []]);
    },
  };
}

function watch(context: BrowserContext, url: string) {
  const noted = { complaints: [] as string[], foreign: [] as string[], leaks: [] as string[] };
  context.on("console", (message) => {
    if (message.type() === "error") noted.complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on("weberror", (error) => noted.complaints.push(String(error.error())));
  context.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(url)) noted.foreign.push(request.url());
  });
  context.on("requestfinished", (request) => {
    void request
      .response()
      .then((response) => response?.text())
      .then((text) => text !== undefined && TOKEN.test(text) && noted.leaks.push(request.url()))
      .catch(() => undefined);
  });
  return noted;
}

/** What axe finds, all of its rules run. */
export async function axe(page: Page): Promise<readonly string[]> {
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
