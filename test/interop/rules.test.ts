/**
 * What clients were seen to need, where no other test says it. That the metadata of the resource is at both of its places is in
 * test/attacks/scope-matrix.test.ts; parallel refreshes within the grace in test/attacks/authorization-races.test.ts; any port of a loopback
 * redirect in test/oauth/clients/redirect-uris.test.ts; ping, GET and DELETE in test/mcp/legacy.test.ts and test/mcp/sessions.
 */
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createEventStream } from "../../src/http/event-stream.ts";
import { parseConfig } from "../../src/index.ts";
import { readEvents } from "../support/legacy-client.ts";
import { modernRequest, readAnswer, rpc, startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "2099-01-01", "nonsense", undefined];
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "old", version: "1" } },
};

test("without a token any method, revision, body and Accept get 401 with the challenge, before any 400, 405 or 406", async (t) => {
  const server = await startServer(t, createSurface());
  const bodies = [JSON.stringify(INITIALIZE), modernRequest(undefined, { method: "server/discover" }).body, "{", "[]", ""];
  const places = ["/mcp", "/sse", "/messages", "/messages?sessionId=sse_none"];
  const told = new Map<string, number>();
  for (const place of places)
    for (const version of REVISIONS)
      for (const [method, body] of [
        ["GET"],
        ["DELETE"],
        ["PUT", "{}"],
        ["PATCH", "{}"],
        ...bodies.map((body) => ["POST", body]),
      ] as const) {
        const headers = {
          accept: "image/png",
          "content-type": "text/plain",
          ...(version === undefined ? {} : { "mcp-protocol-version": version }),
        };
        const response = await fetch(server.url + place, { method: method ?? "", headers, ...(body === undefined ? {} : { body }) });
        await response.arrayBuffer();
        const label = `${method} ${place} ${version}`;
        assert.equal(response.status, 401, label);
        assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer resource_metadata="http[^"]+", scope="note:read"$/, label);
        told.set(place, (told.get(place) ?? 0) + 1);
      }
  assert.deepEqual([...told.values()], Array<number>(places.length).fill(REVISIONS.length * 9));
});

test("a client that never sends MCP-Protocol-Version is served as its initialize says, with and without a session", async (t) => {
  const server = await startServer(t, createSurface());
  const authorization = `Bearer ${await server.token("note:read")}`;
  const post = (message: object, headers: Record<string, string> = {}) =>
    fetch(server.mcpUrl, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify(message),
    });
  const welcome = await post(INITIALIZE);
  assert.equal((await readAnswer(welcome.clone())).body.result?.["protocolVersion"], "2025-06-18");
  const sessionId = welcome.headers.get("mcp-session-id") ?? "";
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo", arguments: { text: "hello" } } };
  for (const headers of [{}, { "mcp-session-id": sessionId }]) {
    const { status, body } = await readAnswer(await post(call, headers));
    assert.deepEqual([status, body.result?.["content"]], [200, [{ type: "text", text: "hello" }]]);
  }
});

test("the issuer's metadata is the same bytes in each form in which clients look for it, and names the issuer as it is compared", async (t) => {
  const server = await startServer(t, createSurface());
  const forms = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
    "/mcp/.well-known/openid-configuration",
  ];
  const texts = await Promise.all(forms.map(async (form) => (await fetch(server.url + form)).text()));
  assert.equal(new Set(texts).size, 1);
  const { issuer } = JSON.parse(texts[0] ?? "") as { readonly issuer: string };
  assert.equal(issuer, server.url);
  assert.ok(!issuer.endsWith("/"));
});

test("an access token lives well over five minutes, since clients renew what is nearer to its end before each call", async (t) => {
  const server = await startServer(t, createSurface());
  const { clientId, clientSecret } = await server.agent("note:read");
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(`${server.url}/token`, { method: "POST", body: new URLSearchParams(form) });
  const { expires_in } = (await answer.json()) as { readonly expires_in: number };
  assert.ok(expires_in >= 900 && expires_in <= 3600, String(expires_in));
});

test("a refresh token may be sent again for one to two minutes by default, and the time can be set to none", () => {
  const { graceSeconds } = parseConfig({}).refresh;
  assert.ok(graceSeconds >= 60 && graceSeconds <= 120, String(graceSeconds));
  assert.equal(parseConfig({ REMIT_REFRESH_GRACE_SECONDS: "0" }).refresh.graceSeconds, 0);
});

test("a listening stream is not buffered on its way, and is kept alive by a comment at least every 15 seconds", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const notifications = { toolsListChanged: true };
  const response = await fetch(server.mcpUrl, modernRequest(token, { method: "subscriptions/listen", params: { notifications } }));
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  await readEvents(response).cut();

  t.mock.timers.enable({ apis: ["setInterval"] });
  const { promise: opened, resolve } = Promise.withResolvers<ServerResponse>();
  const http = createServer((_req, res) => resolve(res));
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const reading = fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const res = await opened;
  createEventStream(res, undefined);
  t.mock.timers.tick(15_000);
  const reader = (await reading).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.deepEqual(await reader?.read(), { done: false, value: ": keep-alive\n\n" });
});

test("T63: an agent holds eight listening streams and no more, whatever others hold, and a closed one makes room", async (t) => {
  const server = await startServer(t, createSurface());
  const listen = (token: string) =>
    fetch(server.mcpUrl, modernRequest(token, { method: "subscriptions/listen", params: { notifications: { toolsListChanged: true } } }));
  const [own, other] = [await server.token("note:read"), await server.token("note:read")];
  const streams = (await Promise.all(Array.from({ length: 8 }, () => listen(own)))).map(readEvents);
  for (const stream of streams) assert.match((await stream.next())?.data ?? "", /acknowledged/);
  assert.equal((await listen(own)).status, 429);
  const elsewhere = readEvents(await listen(other));
  assert.match((await elsewhere.next())?.data ?? "", /acknowledged/);
  await streams[0]?.cut();
  const again = await until(async () => {
    const response = await listen(own);
    return response.status === 200 ? response : void (await response.arrayBuffer());
  });
  for (const stream of [...streams.slice(1), elsewhere, readEvents(again)]) await stream.cut();
});

test("clients of both eras begin at the same URL: a probe is answered, an unknown revision told which are served, and initialize served", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const probe = await rpc(server, token, { method: "server/discover" });
  assert.deepEqual([probe.status, probe.body.result?.["supportedVersions"]], [200, ["2026-07-28"]]);
  const unknown = { "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
  const refused = await rpc(server, token, { method: "server/discover", meta: unknown, headers: { "mcp-protocol-version": "2099-01-01" } });
  assert.deepEqual([refused.status, refused.body.error?.code, refused.body.error?.data?.["supported"]], [400, -32022, ["2026-07-28"]]);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json, text/event-stream" };
  const welcome = await readAnswer(await fetch(server.mcpUrl, { method: "POST", headers, body: JSON.stringify(INITIALIZE) }));
  assert.deepEqual([welcome.status, welcome.body.result?.["protocolVersion"]], [200, "2025-06-18"]);
});
