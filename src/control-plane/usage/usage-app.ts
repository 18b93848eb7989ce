import { defineApp } from "../../index.ts";

export const USAGE_PAGE = "ui://remit/usage.html";

/** Shows the rows of get_usage as bars. It loads nothing, and writes what it is given as text only. */
export const usageApp = defineApp({
  uri: USAGE_PAGE,
  name: "usage",
  title: "Usage",
  description: "Calls, failures and times of an agent or a workspace, as bars.",
  scopes: ["usage:read"],
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Usage</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 16px; color: CanvasText; background: Canvas; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: 8px; }
th { font-weight: 500; text-align: left; }
th, td { padding: 4px 8px 4px 0; border-top: 1px solid color-mix(in srgb, CanvasText 15%, transparent); }
td { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.bar { width: 40%; }
meter { width: 100%; height: 12px; }
.failed { color: light-dark(#b00020, #ff8a80); }
</style>
</head>
<body>
<p id="state" role="status">Waiting for the answer of get_usage …</p>
<table id="usage" hidden>
<caption></caption>
<thead><tr></tr></thead>
<tbody></tbody>
</table>
<script>
"use strict";
const NUMBERS = { calls: "Calls", failed: "Failed", refused: "Refused", p95_ms: "p95 ms" };
const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

function show(result) {
  const rows = result && result.structuredContent && result.structuredContent.rows;
  const state = document.getElementById("state");
  const table = document.getElementById("usage");
  if (!Array.isArray(rows) || rows.length === 0) {
    state.textContent = rows === undefined ? "There is nothing to show." : "No calls in this time.";
    state.hidden = false;
    table.hidden = true;
    return;
  }
  state.hidden = true;
  table.hidden = false;
  const isCounted = "calls" in rows[0];
  const key = Object.keys(rows[0])[0];
  table.caption.textContent = isCounted ? "Calls by " + key : "Unused";
  const heads = isCounted ? [key, "", ...Object.values(NUMBERS)] : ["what", "name"];
  table.tHead.rows[0].replaceChildren(...heads.map((head) => element("th", head)));
  const most = Math.max(1, ...rows.map((row) => Number(row.calls) || 0));
  table.tBodies[0].replaceChildren(...rows.map((row) => (isCounted ? counted(row, key, most) : listed(row))));
}

function counted(row, key, most) {
  const line = element("tr");
  const name = element("th", String(row[key]) || "–");
  name.scope = "row";
  const bar = element("td", undefined, "bar");
  const meter = element("meter");
  meter.max = most;
  meter.value = Number(row.calls) || 0;
  meter.setAttribute("aria-label", "share of the most");
  bar.append(meter);
  const numbers = Object.keys(NUMBERS).map((member) => {
    const value = row[member];
    return element("td", value === null ? "–" : String(value), member === "failed" && value > 0 ? "failed" : undefined);
  });
  line.append(name, bar, ...numbers);
  return line;
}

function listed(row) {
  const line = element("tr");
  const kind = Object.keys(row)[0];
  line.append(element("th", kind), element("th", String(row[kind])));
  return line;
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent) return;
  const message = event.data;
  if (message && message.id === 1 && message.result) send({ method: "ui/notifications/initialized" });
  if (message && message.method === "ui/notifications/tool-result") {
    show(message.params);
    const { width, height } = document.documentElement.getBoundingClientRect();
    send({ method: "ui/notifications/size-changed", params: { width: Math.ceil(width), height: Math.ceil(height) } });
  }
  if (message && message.method === "ui/resource-teardown") send({ id: message.id, result: {} });
});
send({
  id: 1,
  method: "ui/initialize",
  params: { protocolVersion: "2026-01-26", appInfo: { name: "remit-usage", version: "1.0.0" }, appCapabilities: {} },
});
</script>
</body>
</html>
`,
});
