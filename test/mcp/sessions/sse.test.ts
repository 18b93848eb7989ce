import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, readEvents, type EventReader } from "../../support/legacy-client.ts";
import { fetchToken, startServer, type TestServer } from "../../support/remit.ts";
import { createHeldSurface } from "./tools.ts";

const PING = { jsonrpc: "2.0", id: 7, method: "ping" };
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2024-11-05", capabilities: { elicitation: {} }, clientInfo: { name: "old", version: "1" } },
};

interface Old {
  readonly stream: EventReader;
  readonly path: string;
  post(message: object): Promise<Response>;
}

function poster(server: TestServer, token: string | undefined, path: string): (message: object) => Promise<Response> {
  return (message) =>
    fetch(new URL(path, server.url), {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(message),
    });
}

/** Opens the stream and takes the path to post to from its first event, as clients of 2024-11-05 do. */
async function connectOld(server: TestServer, token: string): Promise<Old> {
  const stream = readEvents(
    await fetch(`${server.url}/sse`, { headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" } }),
  );
  const first = await stream.next();
  assert.equal(first?.name, "endpoint");
  return { stream, path: first.data, post: poster(server, token, first.data) };
}

test("an old client gets every answer on its stream: initialize, list, streamed call, question", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const old = await connectOld(server, await server.token("note:read"));
  assert.equal((await old.post(INITIALIZE)).status, 202);
  const welcome = await old.stream.next();
  assert.match(welcome?.data ?? "", /"protocolVersion":"2024-11-05"/);
  assert.equal((await old.post({ jsonrpc: "2.0", method: "notifications/initialized" })).status, 202);
  await old.post(callOf("stream_echo", { text: "a" }, { id: 2, progressToken: "p" }));
  const events = await old.stream.until(({ message }) => message?.["id"] === 2);
  assert.deepEqual(
    events.map(({ message }) => message?.["method"] ?? "response"),
    ["notifications/progress", "notifications/progress", "notifications/progress", "response"],
  );
  await old.post(callOf("ask", { text: "hi" }, { id: 3 }));
  const asked = (await old.stream.until(({ message }) => message?.["method"] === "elicitation/create")).at(-1);
  await old.post({ jsonrpc: "2.0", id: asked?.message?.["id"], result: { action: "accept", content: { name: "Ada" } } });
  assert.match((await old.stream.next())?.data ?? "", /Hello Ada/);
  await old.stream.cut();
});

test("both legs need a token, and a token in the query is none", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const token = await server.token("note:read");
  const old = await connectOld(server, token);
  for (const response of [
    await fetch(`${server.url}/sse`),
    await poster(server, undefined, old.path)(PING),
    await fetch(`${server.url}/sse?access_token=${token}`),
  ]) {
    assert.ok(response.status === 401 || response.status === 400, String(response.status));
    assert.doesNotMatch(await response.text(), /endpoint/);
  }
  assert.match((await fetch(`${server.url}/sse`)).headers.get("www-authenticate") ?? "", /resource_metadata=/);
  await old.stream.cut();
});

test("a client that was given the URL of /sse finds metadata that names it, and gets tokens for it", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const challenge = (await fetch(`${server.url}/sse`)).headers.get("www-authenticate") ?? "";
  const [, metadataUrl = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  assert.equal(metadataUrl, `${server.url}/.well-known/oauth-protected-resource/sse`);
  const { resource } = (await (await fetch(metadataUrl)).json()) as { readonly resource: string };
  assert.equal(resource, `${server.url}/sse`);
  const { clientId: client_id, clientSecret: client_secret } = await server.agent("note:read");
  const body = new URLSearchParams({ grant_type: "client_credentials", resource, client_id, client_secret });
  const answer = await fetch(`${server.url}/token`, { method: "POST", body });
  const { access_token: token } = (await answer.json()) as { readonly access_token: string };
  const old = await connectOld(server, token);
  await old.stream.cut();
});

test("T43: with the id of somebody else's stream nothing can be sent, answered or heard", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const owner = await connectOld(server, await server.token("note:read"));
  const thief = poster(server, await server.token("note:read"), owner.path);
  const never = poster(server, await server.token("note:read"), "/messages?sessionId=sse_none");
  const tried = await thief(callOf("echo", { text: "stolen" }));
  const unknown = await never(PING);
  assert.equal(tried.status, 404);
  assert.equal(unknown.status, 404);
  assert.match(await tried.text(), /no such session/);
  await owner.post(PING);
  assert.deepEqual((await owner.stream.next())?.message, { jsonrpc: "2.0", id: 7, result: {} });
  await owner.stream.cut();
});

test("a call that lacks a scope is refused with 403 and the challenge on the POST, so that the client can step up", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const old = await connectOld(server, await server.token("note:read"));
  const response = await old.post(callOf("write_note", { text: "a" }));
  assert.equal(response.status, 403);
  assert.match(response.headers.get("www-authenticate") ?? "", /insufficient_scope.*note:write/);
  await old.stream.cut();
});

test("when the stream is gone its id is unknown, and its calls are cancelled", async (t) => {
  const { surface, cancelled } = createHeldSurface();
  const server = await startServer(t, surface);
  const old = await connectOld(server, await server.token("note:read"));
  await old.post(callOf("steps", { text: "a" }, { progressToken: 1 }));
  await old.stream.until(({ message }) => message?.["method"] === "notifications/progress");
  await old.stream.cut();
  const until = Date.now() + 5000;
  while (cancelled.length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(cancelled, ["a"]);
  assert.equal((await old.post(PING)).status, 404);
});

test("an agent that is revoked loses its stream within a second", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const agent = await server.agent("note:read");
  const old = await connectOld(server, await fetchToken(server.url, agent));
  await server.operator.disableAgent(agent.clientId);
  const startedAt = performance.now();
  assert.deepEqual(await old.stream.rest(), []);
  assert.ok(performance.now() - startedAt < 2000);
});

test("with REMIT_SSE=off there is nothing at /sse and /messages", async (t) => {
  const server = await startServer(t, createHeldSurface().surface, { REMIT_SSE: "off" });
  const headers = { authorization: `Bearer ${await server.token("note:read")}` };
  assert.equal((await fetch(`${server.url}/sse`, { headers })).status, 404);
  assert.equal((await fetch(`${server.url}/messages`, { method: "POST", headers })).status, 404);
});

test("a server that stops lets a call of an old client end, and then its stream", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const old = await connectOld(server, await server.token("note:read"));
  await old.post(callOf("silent", { text: "a" }, { id: 5 }));
  const stopped = server.close();
  release();
  const events = await old.stream.rest();
  assert.match(events.at(-1)?.data ?? "", /a done/);
  await stopped;
});
