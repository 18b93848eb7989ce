import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseConfig } from "../../src/index.ts";
import { callTool, fetchToken, rpc, startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const ON = { REMIT_METRICS: "127.0.0.1:0" };

/** The value of the one series with this name and these labels. */
function valueOf(text: string, name: string, ...labels: readonly string[]): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
  assert.equal(lines.length, 1, `${name} ${labels.join(" ")}: ${lines.join("\n")}`);
  return Number(lines[0]?.split(" ").at(-1));
}

test("Prometheus reads what was decided, how long it took and what was put on record, by names that are declared", async (t) => {
  const server = await startServer(t, createSurface(), ON);
  const agent = await server.agent("note:read");
  const token = await fetchToken(server.url, agent);
  await callTool(server, token, "echo", { text: "a canary in an argument" });
  await callTool(server, token, "echo", { text: "again" });
  await callTool(server, token, "write_note", { text: "hello" });
  await callTool(server, token, "tool_made_up_by_a_client");
  await rpc(server, token, { method: "method/made-up" });
  await fetch(`${server.url}/path-made-up`);
  const read = async () => (await fetch(server.metricsUrl ?? "")).text();
  // The answer ends a moment before its end is counted.
  const text = await until(async () => {
    const now = await read();
    return now.includes('http_route="(none)"') ? now : undefined;
  });
  assert.equal(valueOf(text, "remit_authz_decisions_total", 'decision="allow"', 'tool_name="echo"'), 2);
  assert.equal(valueOf(text, "remit_authz_decisions_total", 'decision="deny"', 'tool_name="write_note"', "scope_missing"), 1);
  assert.equal(valueOf(text, "mcp_server_operation_duration_seconds_count", 'tool_name="echo"'), 2);
  assert.equal(
    valueOf(text, "mcp_server_operation_duration_seconds_count", 'tool_name="write_note"', 'error_type="insufficient_scope"'),
    1,
  );
  assert.equal(valueOf(text, "http_server_request_duration_seconds_count", 'http_route="/mcp"', 'status_code="403"'), 1);
  assert.equal(valueOf(text, "remit_tool_result_size_bytes_count", 'tool_name="echo"'), 2);
  assert.equal(valueOf(text, "remit_oauth_events_total", 'event="token.issued"'), 1);
  assert.ok(Number(/^remit_audit_records_total (\d+)$/m.exec(text)?.[1]) >= 5);
  assert.match(text, /^remit_inflight 0$/m);
  assert.match(text, /target_info\{.*service_name="remit".*service_version="0\.1\.0"/);
  for (const secret of ["canary", "made_up", "made-up", token, agent.clientSecret, agent.clientId])
    assert.ok(!text.includes(secret), secret);
});

test("what a server does is read on a listener of its own, by whoever has the token", async (t) => {
  const server = await startServer(t, createSurface(), { ...ON, REMIT_METRICS_TOKEN: "a token of metrics" });
  const url = server.metricsUrl ?? "";
  assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  const statuses = [fetch(url), fetch(url, { headers: { authorization: "Bearer another token of it" } })];
  for (const { status } of await Promise.all(statuses)) assert.equal(status, 401);
  const good = await fetch(url, { headers: { authorization: "Bearer a token of metrics" } });
  assert.deepEqual([good.status, good.headers.get("content-type")], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  assert.equal((await fetch(url, { method: "POST", headers: { authorization: "Bearer a token of metrics" } })).status, 405);
  assert.equal((await fetch(url.replace("/metrics", "/"))).status, 404);
});

test("without the setting nothing is measured; an address that others reach needs a token", async (t) => {
  const server = await startServer(t, createSurface());
  assert.equal(server.metricsUrl, undefined);
  assert.throws(() => parseConfig({ REMIT_METRICS: "0.0.0.0:9464" }), /REMIT_METRICS_TOKEN/);
  assert.throws(() => parseConfig({ REMIT_METRICS: "9464" }), /HOST:PORT/);
  assert.deepEqual(parseConfig({ REMIT_METRICS: "[::1]:9464" }).metrics, { host: "::1", port: 9464, token: undefined });
});

test("the dashboard, the alerts and the guide name metrics that there are", async (t) => {
  const server = await startServer(t, createSurface(), ON);
  await callTool(server, await server.token("note:read"), "echo", { text: "hello" });
  const text = await until(async () => {
    const now = await (await fetch(server.metricsUrl ?? "")).text();
    return now.includes("remit_tool_result_size_bytes_count") ? now : undefined;
  });
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, family = ""]) => family).filter((family) => family !== "target_info");
  assert.ok(families.length >= 9);
  for (const page of ["docs/observability/grafana.json", "docs/observability/alerts.yaml", "docs/guide/observability.md"]) {
    const named =
      readFileSync(page, "utf8").match(
        /\b(?:mcp|remit|http|nodejs|v8js)_[a-z0-9_]+(?:_seconds|_bytes|_total|_inflight|_count|_bucket)\b/g,
      ) ?? [];
    const plain = new Set(named.map((name) => name.replace(/_(?:count|bucket)$/, "")));
    assert.ok(plain.size >= 3, page);
    assert.deepEqual(
      [...plain].filter((name) => !families.includes(name)),
      [],
      page,
    );
    if (page.endsWith(".md"))
      assert.deepEqual(
        families.filter((family) => !readFileSync(page, "utf8").includes(family)),
        [],
      );
  }
});
