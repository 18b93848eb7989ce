/// <reference lib="dom" />
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { launchChromium } from "./chromium.ts";
import { callTool, startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const call = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: {
    name: "write_note",
    arguments: { text: "forged" },
    _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} },
  },
});

test("T41: a page on another site cannot make a browser run a tool, nor read an answer (CVE-2026-33252)", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const token = await server.token("note:write");
  assert.equal((await callTool(server, token, "write_note", { text: "x" })).status, 200);
  const page = await openForeignPage(t);

  const outcomes = await page.evaluate(
    async ({ url, body, bearer }) => {
      const attempts: Record<string, () => Promise<Response>> = {
        "simple text": () => fetch(url, { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body }),
        "simple form": () => fetch(url, { method: "POST", mode: "no-cors", body: new URLSearchParams({ body }) }),
        multipart: () => {
          const form = new FormData();
          form.set("body", body);
          return fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: form });
        },
        json: () => fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body }),
        "json with a stolen token": () =>
          fetch(url, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` }, body }),
        "get with the token in the query": () => fetch(`${url}?access_token=${bearer}`, { mode: "no-cors" }),
      };
      const results: Record<string, string> = {};
      for (const [name, attempt] of Object.entries(attempts)) {
        // An opaque response shows nothing of the answer.
        results[name] = await attempt().then(
          (response) => `${response.type} ${response.status}`,
          () => "blocked",
        );
      }
      navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }));
      return results;
    },
    { url: server.mcpUrl, body: call, bearer: token },
  );
  assert.deepEqual(outcomes, {
    "simple text": "opaque 0",
    "simple form": "opaque 0",
    multipart: "opaque 0",
    json: "blocked",
    "json with a stolen token": "blocked",
    "get with the token in the query": "opaque 0",
  });

  await page.setContent(
    `<form method="post" enctype="text/plain" action="${server.mcpUrl}"><input name='${call.replaceAll("'", "&#39;")}' value=""></form>`,
  );
  await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0]?.submit())]);
  assert.doesNotMatch(await page.content(), /wrote/);

  assert.equal(surface.entered.get("write_note"), 1);
  const calls = (await server.records()).filter(({ tool }) => tool === "write_note");
  assert.deepEqual(
    calls.map(({ kind }) => kind),
    ["intent", "outcome"],
  );
});

/** A page of another origin: another port on loopback, under a name that is none of the server's. */
async function openForeignPage(t: { after(fn: () => Promise<void>): void }) {
  const site = createServer((_req, res) => res.setHeader("content-type", "text/html").end("<!doctype html><title>Elsewhere</title>"));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const browser = await launchChromium(["evil.example"]);
  t.after(async () => {
    await browser.close();
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  });
  const page = await browser.newPage();
  await page.goto(`http://evil.example:${(site.address() as AddressInfo).port}/`);
  return page;
}
