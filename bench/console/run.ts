/// <reference lib="dom" />
/**
 * `npm run bench:console [RECORDS] [CALLS]`: fills a ledger (100,000 records unless said) and roll-ups (1 million calls), starts the server on them
 * and measures in Chromium what a person waits for: first paint and data of each screen with an empty cache, and how long a filter takes.
 * Server and browser run on the same machine.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../test/browser/chromium.ts";
import { controlPlane, seedDemo } from "../../src/control-plane/index.ts";
import { createServer, parseConfig } from "../../src/index.ts";
import { median } from "../median.ts";
import { fillEvidence } from "./fill.ts";

const ROUNDS = 5;
const [records = "100000", calls = "1000000"] = process.argv.slice(2);

const SCREENS = [
  ["overview", "", "tbody tr"],
  ["usage, 24 hours", "usage", "a.heat-cell"],
  ["usage, 30 days", "usage?range=30d", "a.heat-cell"],
  ["ledger", "ledger", "tbody tr"],
] as const;

const FILTERS = [
  ["many match", "tool:tool_3"],
  ["a hundredth matches", "reason:insufficient_scope agent:cl_3"],
  ["few match", "tool:tool_58 agent:cl_38 outcome:tool_error"],
  ["nothing matches", "decision:dec_none"],
  ["of one hour", "outcome:failed since:60m"],
] as const;

type State = Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["storageState"]>>;

interface Visit {
  readonly browser: Browser;
  readonly url: string;
  readonly state: State;
}

function print(what: string, times: readonly number[]): void {
  console.log(`${what.padEnd(48)} ${median(times).toFixed(0).padStart(6)} ms, worst ${Math.max(...times).toFixed(0)}`);
}

/** First paint, and when the data were there; milliseconds since the navigation began, with nothing in the cache. */
async function visit({ browser, url, state }: Visit, path: string, selector: string): Promise<readonly [paint: number, data: number]> {
  const context = await browser.newContext({ storageState: state, viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.goto(`${url}/console/${path}`, { waitUntil: "commit" });
  await page.locator(selector).first().waitFor({ timeout: 120_000 });
  const data = await page.evaluate(() => performance.now());
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN);
  await context.close();
  return [paint, data];
}

/** From the search being sent until its answer stands in the table. */
async function filter(page: Page, search: string): Promise<number> {
  return page.evaluate(async (text) => {
    const input = document.querySelector<HTMLInputElement>("[data-search]");
    for (const row of document.querySelectorAll<HTMLElement>("main tbody tr, main .empty")) row.dataset["old"] = "1";
    const startedAt = performance.now();
    if (input === null) throw new Error("there is no search");
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    input.form?.requestSubmit();
    while (document.querySelector("main tbody tr:not([data-old]), main .empty:not([data-old])") === null)
      await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - startedAt;
  }, search);
}

async function measure(at: Visit, newest: number): Promise<void> {
  for (const [title, path, selector] of SCREENS) {
    const rounds: (readonly [number, number])[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await visit(at, path, selector));
    const [paints, data] = [rounds.map(([paint]) => paint), rounds.map(([, whole]) => whole)];
    print(`${title}: first paint`, paints);
    print(`${title}: with its data`, data);
  }
  const context = await at.browser.newContext({ storageState: at.state });
  const page = await context.newPage();
  await page.goto(`${at.url}/console/ledger`);
  await page.locator("tbody tr").first().waitFor();
  for (const [title, search] of FILTERS) {
    const times: number[] = [];
    // What was read once is shown at once: each round asks with another end.
    for (let round = 0; round < ROUNDS; round++)
      times.push(await filter(page, `${search} until:${new Date(Date.now() + round).toISOString()}`));
    print(`filter of the ledger: ${title}`, times);
  }
  for (const title of ["a record with its proof: the first", "a record with its proof: the next"]) {
    const startedAt = performance.now();
    await page.goto(`${at.url}/console/ledger/${newest - 50_000 > 0 ? newest - 50_000 : 10}`);
    await page.getByText("records under a signed root").waitFor();
    print(title, [performance.now() - startedAt]);
  }
  await page.goto(`${at.url}/console/ledger`);
  await page.getByRole("button", { name: "Verify now" }).click();
  const startedAt = performance.now();
  await page.getByText("are as they were written").waitFor({ timeout: 120_000 });
  print("verification of the ledger", [performance.now() - startedAt]);
  await context.close();
}

const dataDir = await mkdtemp(join(tmpdir(), "remit-bench-console-"));
const config = parseConfig({ PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "silent" });
const start = () => createServer({ ...controlPlane, name: "remit", title: "Remit", config });
try {
  const first = await start();
  const seeded = await first.operator.seed(seedDemo);
  await first.close();
  if (seeded === undefined) throw new Error("the folder is not empty");
  const { workspaceId } = seeded;
  await fillEvidence({ dataDir, workspaceId, calls: Number(calls), records: Number(records), now: Date.now() });
  const server = await start();
  await server.listen();
  await server.operator.signLedger();
  const link = await server.operator.createSignInLink("ada@acme.example");
  if ("problems" in link) throw new Error(link.problems.join("\n"));
  const browser = await launchChromium();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link.url);
  await page.getByRole("button", { name: /Sign in|Continue/ }).click();
  await page.waitForURL(/\/(console|account)/);
  console.log(`${records} records, ${calls} calls in the roll-ups`);
  await measure({ browser, url: server.url, state: await context.storageState() }, Number(records));
  await browser.close();
  await server.close();
} finally {
  await rm(dataDir, { recursive: true });
}
