/// <reference lib="dom" />
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { apps } from "../../src/control-plane/usage/index.ts";

interface Message {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

interface Host {
  readonly messages: Message[];
  show(structuredContent: unknown): void;
}

/** Shows the app as a host does: in a sandbox of another origin, spoken to by messages (MCP Apps 2026-01-26). */
async function openApp(page: Page, html: string): Promise<void> {
  await page.setContent(
    "<!doctype html><title>Host</title><iframe sandbox='allow-scripts' title='App' style='width:640px;height:400px'></iframe>",
  );
  await page.evaluate((source) => {
    const frame = document.querySelector("iframe");
    const messages: Message[] = [];
    const tell = (message: object) => frame?.contentWindow?.postMessage({ jsonrpc: "2.0", ...message }, "*");
    window.addEventListener("message", ({ data }) => {
      messages.push(data);
      if (data.method === "ui/initialize")
        tell({ id: data.id, result: { protocolVersion: "2026-01-26", hostInfo: {}, hostCapabilities: {}, hostContext: {} } });
    });
    const host: Host = {
      messages,
      show: (structuredContent) => tell({ method: "ui/notifications/tool-result", params: { content: [], structuredContent } }),
    };
    Object.assign(window, { hostOf: () => host });
    frame?.setAttribute("srcdoc", source);
  }, html);
  await page.waitForFunction(() => hostOf().messages.some(({ method }) => method === "ui/notifications/initialized"));
}

declare function hostOf(): Host;

test("the page of usage greets its host, draws what get_usage answered, and writes names as text only", async (t) => {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await openApp(page, apps[0]?.html ?? assert.fail());
  const app = page.frameLocator("iframe");
  assert.match((await app.locator("#state").textContent()) ?? "", /Waiting/);
  const figures = { calls: 40, failed: 2, refused: 1, p50_ms: 1.5, p95_ms: 8.25, last_at: "2026-08-01T09:00:00.000Z" };
  await page.evaluate(
    (rows) => hostOf().show({ rows }),
    [
      { tool: "list_users", ...figures },
      { tool: "<img src=x onerror=alert(1)>", ...figures, calls: 10, failed: 0, p95_ms: null },
    ],
  );
  await app.locator("caption", { hasText: "Calls by tool" }).waitFor();
  const rows = await app.locator("tbody tr").allInnerTexts();
  assert.deepEqual(
    rows.map((row) => row.split(/\s*\t\s*/).filter(Boolean)),
    [
      ["list_users", "40", "2", "1", "8.25"],
      ["<img src=x onerror=alert(1)>", "10", "0", "1", "–"],
    ],
  );
  assert.equal(await app.locator("img").count(), 0);
  assert.deepEqual(
    await app.locator("meter").evaluateAll((bars) => bars.map((bar) => (bar as HTMLMeterElement).value / (bar as HTMLMeterElement).max)),
    [1, 0.25],
  );
  assert.ok(await page.evaluate(() => hostOf().messages.some(({ method }) => method === "ui/notifications/size-changed")));
  await page.evaluate(() => hostOf().show({ rows: [{ tool: "delete_user" }, { scope: "org:write" }] }));
  await app.locator("caption", { hasText: "Unused" }).waitFor();
  await page.evaluate(() => hostOf().show({ rows: [] }));
  await app.getByText("No calls in this time.").waitFor();
  assert.deepEqual(complaints, []);
});
