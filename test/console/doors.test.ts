import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ENDPOINTS } from "../../src/console/api/index.ts";
import type { Health } from "../../src/console/contract-evidence.ts";
import { callTool, closingWithFile, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { clientOf, person, type ConsoleClient } from "./support/console-client.ts";

const file = closingWithFile();
let server: TestServer;
let viewer: ConsoleClient;
let member: ConsoleClient;
let owner: ConsoleClient;
let stranger: ConsoleClient;

before(async () => {
  const siem = { REMIT_SIEM: "syslog+tcp://localhost:9", REMIT_SIEM_TOKEN: "siem-token-of-twenty" };
  server = await startServer(file, createSurface(), siem);
  await server.operator.createAgent({ name: "Reader", scopes: ["note:read"], workspaceId: "wks_test" });
  [viewer, member, owner] = [
    await person(server, "viewer", "wks_test"),
    await person(server, "member", "wks_test"),
    await person(server, "owner", "wks_test"),
  ];
  stranger = clientOf(server, "");
});

const path = (pattern: string) => pattern.replaceAll(/:\w+/g, "nothing");

test("T74: without a session every endpoint answers 401, and a page leads to the sign-in page and back", async () => {
  for (const { method, path: pattern } of ENDPOINTS) {
    const answer = method === "GET" ? await stranger.get(path(pattern)) : await stranger.post(path(pattern));
    assert.deepEqual([pattern, answer.status, (answer.json["error"] as { code: string }).code], [pattern, 401, "not_signed_in"]);
  }
  const page = await fetch(`${server.url}/console/ledger?q=tool:a`, { redirect: "manual" });
  assert.deepEqual([page.status, page.headers.get("location")], [303, "/sign-in?return_to=%2Fconsole%2Fledger%3Fq%3Dtool%3Aa"]);
});

test("T74: each endpoint asks for the role of its line in the table, and for the least one that can be", async () => {
  const rank = { viewer: 0, operator: 1, admin: 2 };
  const people = [
    [viewer, "viewer"],
    [member, "operator"],
  ] as const;
  for (const { method, path: pattern, role } of ENDPOINTS) {
    for (const [who, has] of people) {
      if (rank[has] >= rank[role]) continue;
      const answer = method === "GET" ? await who.get(path(pattern)) : await who.post(path(pattern));
      assert.deepEqual([pattern, has, answer.status], [pattern, has, 403]);
      assert.equal((answer.json["error"] as { code: string }).code, "role_needed");
    }
  }
  const roles = [];
  for (const who of [viewer, member, owner]) roles.push((await who.get("session")).json["role"]);
  assert.deepEqual(roles, ["viewer", "operator", "admin"]);
});

test("T74: a change is taken only from our own pages", async () => {
  const cases = [
    ["without the header that a form cannot set", { "x-remit-console": undefined }],
    ["from another origin", { origin: "https://evil.example" }],
    ["from an origin that only begins like ours", { origin: `${server.url}.evil.example` }],
    ["without an origin", { origin: undefined }],
    ["from an opaque origin", { origin: "null" }],
    ["that the browser calls cross-site", { "sec-fetch-site": "cross-site" }],
    ["from another host of the same site", { "sec-fetch-site": "same-site" }],
  ] as const;
  for (const [title, headers] of cases) {
    for (const { path: pattern } of ENDPOINTS.filter(({ method }) => method === "POST")) {
      const answer = await owner.post(path(pattern), {}, headers);
      assert.deepEqual([title, pattern, answer.status], [title, pattern, 403]);
      assert.equal((answer.json["error"] as { code: string }).code, "not_from_here");
    }
  }
  assert.equal((await owner.get("session", { "sec-fetch-site": "cross-site" })).status, 403);
  const preflight = await fetch(`${server.url}/console/api/session`, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
});

test("T74: nothing of the console is framed, sniffed, kept or read by another origin", async () => {
  const api = (await owner.get("session")).headers;
  const page = (await fetch(`${server.url}/console/anything/below`, { headers: { cookie: owner.cookie } })).headers;
  for (const headers of [api, page]) {
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  assert.equal(api.get("cache-control"), "no-store");
  const policy = page.get("content-security-policy") ?? "";
  assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test("T74: a page acts in the workspace that it shows, also when another one was chosen in another tab", async () => {
  const before = (await server.records()).length;
  const body = { name: "Lost", scopes: ["note:read"] };
  const answer = await owner.post("agents", body, { "x-remit-workspace": "wks_other" });
  assert.deepEqual([answer.status, (answer.json["error"] as { code: string }).code], [409, "another_workspace"]);
  assert.equal((await server.records()).length, before);
  assert.equal((await owner.get("session", { "x-remit-workspace": "wks_test" })).status, 200);
});

test("HEAD answers with the head alone, also of a stream or a download", async () => {
  for (const path of ["session", "ledger/tail", "ledger/export", "overview/live"]) {
    const answer = await fetch(`${server.url}/console/api/${path}`, { method: "HEAD", headers: { cookie: owner.cookie } });
    assert.deepEqual([path, answer.status, await answer.text()], [path, 200, ""]);
  }
});

test("Problems say what is wrong and what to do, and never more", async () => {
  const cases = [
    ["an unknown path", await owner.get("nothing"), 404, "not_found"],
    ["a method that the path has not", await owner.post("session"), 405, "method_not_allowed"],
    ["a path that cannot be decoded", await owner.get("%E0%A4%A"), 404, "not_found"],
    ["a parameter that is no id of anything", await owner.post(`agents/${"x".repeat(3000)}/disable`), 404, "not_found"],
    ["a path that climbs", await owner.get("..%2f..%2fsession"), 404, "not_found"],
  ] as const;
  for (const [title, { status, json }, expected, code] of cases)
    assert.deepEqual([title, status, (json["error"] as { code: string }).code], [title, expected, code]);
});

test("The health page tells checks in their order and what the server stands on, without an address or a secret of another system", async () => {
  const { version, checks, about } = (await viewer.get("health")).json as unknown as Health;
  assert.match(version, /^\d+\.\d+\.\d+/);
  const order = ["config", "clock", "store", "keys", "documents", "challenge", "ledger"];
  assert.deepEqual(
    checks.map(({ id, state }) => [id, state]),
    order.map((id) => [id, "ok"]),
  );
  assert.match(checks.map(({ says }) => says).join(" "), /known as http/);
  const facts = new Map(about.flatMap((part) => part.facts.map(({ name, value }) => [name, value])));
  assert.equal(facts.get("issuer"), server.url);
  assert.equal(facts.get("key of its checkpoints"), server.operator.ledgerKey());
  assert.equal(facts.get("passed on to a SIEM"), "yes");
  assert.doesNotMatch(JSON.stringify(about), /localhost|siem-token|master/);
});

test("Who may no longer sign in is out at once", async () => {
  const disabled = await person(server, "viewer", "wks_test");
  const { workspace, workspaces } = (await disabled.get("session")).json;
  assert.deepEqual([workspace, workspaces], [{ id: "wks_test", name: "Test" }, [{ id: "wks_test", name: "Test" }]]);
  assert.equal((await disabled.get("overview")).status, 200);
  const stream = await fetch(`${server.url}/console/api/ledger/tail`, { headers: { cookie: disabled.cookie } });
  assert.equal(stream.status, 200);
  await server.operator.disablePerson(disabled.email);
  assert.equal((await disabled.get("overview")).status, 401);
  const ended = stream.text().then(
    () => "ended",
    () => "cut off",
  );
  assert.match(await ended, /ended|cut off/);
});

test("The overview tells what was never measured from what is zero, and shows each decision the moment it is made", async () => {
  const fresh = (await owner.get("overview")).json;
  assert.deepEqual(fresh["steps"], { isConnected: false, hasCalled: false });
  const live = owner.lines("overview/live");
  const seen: IteratorResult<Readonly<Record<string, unknown>>>[] = [];
  void live.next().then((line) => seen.push(line));
  const token = await server.token("note:read");
  // The stream is open once its headers are there; what is called before that is in the overview instead.
  const { value } = await until(async () => {
    await callTool(server, token, "echo", { text: "hi" });
    return seen[0];
  });
  assert.deepEqual([value?.["agent"], value?.["tool"], value?.["decision"], value?.["reason"]], ["test", "echo", "allow", null]);
  await live.return(undefined);
  await callTool(server, token, "no_such_tool");
  const { recent, steps, health } = (await owner.get("overview")).json;
  assert.deepEqual(steps, { isConnected: true, hasCalled: true });
  assert.equal((health as { state: string }).state, "good");
  const [newest] = recent as { tool: string; decision: string; agent: string }[];
  assert.deepEqual([newest?.tool, newest?.decision, newest?.agent], ["no_such_tool", "deny", "test"]);
});

test("A person who opens the MCP address sees what it is and how to connect; programs get the refusal that they know", async () => {
  const open = (headers: Readonly<Record<string, string>>, method = "GET") => fetch(server.mcpUrl, { method, headers });
  const page = await open({ accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" });
  const html = await page.text();
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(html, /is an MCP server/);
  assert.ok(html.includes(server.mcpUrl) && html.includes(`${server.url}/console`));
  assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'/);
  assert.doesNotMatch(html, /<script|style=/);
  // A program that asks for a page finds the challenge all the same.
  assert.deepEqual([page.status, /resource_metadata=/.test(page.headers.get("www-authenticate") ?? "")], [401, true]);
  const programs = [
    ["that asks for events", { accept: "text/event-stream" }, "GET"],
    ["that takes anything", { accept: "*/*" }, "GET"],
    ["that takes pages too", { accept: "text/html, text/event-stream" }, "GET"],
    ["that says which protocol it speaks", { accept: "text/html", "mcp-protocol-version": "2025-11-25" }, "GET"],
    ["that sends a wrong token", { accept: "text/html", authorization: "Bearer x" }, "GET"],
    ["that posts", { accept: "text/html", "content-type": "application/json" }, "POST"],
  ] as const;
  for (const [title, headers, method] of programs)
    assert.equal((await open(headers, method)).headers.get("content-type"), "application/json", title);
});
