import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { callOf, connectLegacy, legacyClient, readEvents } from "../../support/legacy-client.ts";
import { readAnswer, startServer } from "../../support/remit.ts";
import { createHeldSurface } from "./tools.ts";

const PING = { jsonrpc: "2.0", id: 7, method: "ping" };
const VERSION = "2025-11-25";

async function textOf(response: Response): Promise<string> {
  const { body } = await readAnswer(response);
  return JSON.stringify(body.result?.["content"] ?? body.error);
}

test("a session lasts from initialize to DELETE; after that its id is as unknown as one that never was", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  assert.equal((await client.post(PING)).status, 200);
  assert.equal((await client.post({ jsonrpc: "2.0", method: "notifications/initialized" })).status, 202);
  assert.equal((await client.end()).status, 200);
  const after = [await client.post(PING), await client.get(), await client.end()];
  const never = await legacyClient({ mcpUrl: server.mcpUrl, token: await server.token("note:read"), version: VERSION }, "mcp_none").post(
    PING,
  );
  assert.deepEqual(
    after.map(({ status }) => status),
    [404, 404, 404],
  );
  assert.equal(await after[0]?.text(), await never.text());
});

test("T43: a session of another agent is not found by POST, GET, DELETE or Last-Event-ID, and goes on untouched", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const owner = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const thief = legacyClient({ mcpUrl: server.mcpUrl, token: await server.token("note:read"), version: VERSION }, owner.sessionId);
  const stream = readEvents(await owner.post(callOf("steps", { text: "mine" }, { progressToken: 1 })));
  const [first] = await stream.until(({ message }) => message !== undefined);
  const lastId = first?.id ?? "";
  const tries = [await thief.post(PING), await thief.get(), await thief.get(lastId), await thief.end()];
  for (const response of tries) {
    assert.equal(response.status, 404);
    const text = await response.text();
    assert.match(text, /no such session/);
    assert.doesNotMatch(text, /mine/);
  }
  // Neither can it answer or cancel what the owner has under way.
  await thief.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
  release();
  const rest = await stream.rest();
  assert.match(rest.at(-1)?.data ?? "", /mine done/);
});

test("a tool asks the client in the session's stream and goes on with the answer, as with clients of 2026-07-28", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"), { capabilities: { elicitation: {} } });
  const stream = readEvents(await client.post(callOf("ask", { text: "hi" }, { id: "c1" })));
  const asked = (await stream.until(({ message }) => message?.["method"] === "elicitation/create")).at(-1)?.message;
  const answer = { jsonrpc: "2.0", id: asked?.["id"], result: { action: "accept", content: { name: "Ada" } } };
  assert.equal((await client.post(answer)).status, 202);
  const [last] = (await stream.rest()).slice(-1);
  assert.equal(last?.message?.["id"], "c1");
  assert.match(last?.data ?? "", /Hello Ada/);
  const rounds = (await server.records()).filter((record) => record["kind"] !== "intent" && record["tool"] === "ask");
  assert.deepEqual(
    rounds.map((record) => record["outcome"]),
    ["input_required", "ok"],
  );
});

test("T53: an answer to a question counts only from the session that was asked", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const token = await server.token("note:read");
  const capabilities = { elicitation: {} };
  const client = await connectLegacy(server.mcpUrl, token, { capabilities });
  const other = await connectLegacy(server.mcpUrl, await server.token("note:read"), { capabilities });
  const stream = readEvents(await client.post(callOf("ask", { text: "hi" })));
  const asked = (await stream.until(({ message }) => message?.["method"] === "elicitation/create")).at(-1)?.message;
  const forged = { jsonrpc: "2.0", id: asked?.["id"], result: { action: "accept", content: { name: "Mallory" } } };
  assert.equal((await other.post(forged)).status, 202);
  await client.post({ ...forged, result: { action: "accept", content: { name: "Ada" } } });
  assert.match((await stream.rest()).at(-1)?.data ?? "", /Hello Ada/);
});

test("a client that did not declare that it can be asked is told so, by a text that its model can read", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  assert.match(await textOf(await client.post(callOf("ask", { text: "hi" }))), /ask the client/);
});

test("notifications/cancelled ends the call of its session, and of no other with the same request id (L14)", async (t) => {
  const { surface, cancelled, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const token = await server.token("note:read");
  const a = await connectLegacy(server.mcpUrl, token);
  const b = await connectLegacy(server.mcpUrl, token);
  const ofA = readEvents(await a.post(callOf("steps", { text: "a" }, { progressToken: 1 })));
  const ofB = readEvents(await b.post(callOf("steps", { text: "b" }, { progressToken: 1 })));
  await ofA.until(({ message }) => message !== undefined);
  await ofB.until(({ message }) => message !== undefined);
  assert.equal((await a.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } })).status, 202);
  assert.deepEqual(await ofA.rest(), []);
  assert.deepEqual(cancelled, ["a"]);
  release();
  assert.match((await ofB.rest()).at(-1)?.data ?? "", /b done/);
});

test("the stream of a session carries changes of lists and of the resources that it subscribed to and may read", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:write"));
  const stream = readEvents(await client.get());
  const subscribe = (method: string) => ({ jsonrpc: "2.0", id: 1, method, params: { uri: "notes://all" } });
  await client.post(callOf("touch", { what: "notes://all" }));
  assert.deepEqual((await readAnswer(await client.post(subscribe("resources/subscribe")))).body.result, {});
  await client.post(callOf("touch", { what: "notes://all" }));
  await client.post(subscribe("resources/unsubscribe"));
  await client.post(callOf("touch", { what: "notes://all" }));
  await client.post(callOf("touch", { what: "tools" }));
  const seen = await stream.until(({ message }) => message?.["method"] === "notifications/tools/list_changed");
  assert.deepEqual(
    seen.map(({ message }) => [message?.["method"], (message?.["params"] as { uri?: string } | undefined)?.uri]),
    [
      ["notifications/resources/updated", "notes://all"],
      ["notifications/tools/list_changed", undefined],
    ],
  );
  await stream.cut();
});

test("a second stream of the same session takes the place of the first, which its client may have lost", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const first = readEvents(await client.get());
  const second = readEvents(await client.get());
  await client.post(callOf("touch", { what: "tools" }));
  const [event] = await second.until(({ message }) => message !== undefined);
  assert.equal(event?.message?.["method"], "notifications/tools/list_changed");
  await assert.doesNotReject(first.rest().catch(() => []));
  await second.cut();
});

test("GET without a session is answered 405, which tells older clients that there is no stream", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const headers = { authorization: `Bearer ${await server.token("note:read")}`, accept: "text/event-stream" };
  const response = await fetch(server.mcpUrl, { headers });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "POST");
});

test("what is stored of a session is encrypted, and its id is not in the store", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const stream = readEvents(await client.post(callOf("steps", { text: "canary-4711" }, { progressToken: 1 })));
  await stream.until(({ message }) => message !== undefined);
  release();
  await stream.rest();
  for (const name of ["remit.db", "remit.db-wal"]) {
    const bytes = await readFile(join(server.dataDir, name), "latin1");
    assert.ok(!bytes.includes("canary-4711 1") && !bytes.includes(client.sessionId), name);
  }
});

test("an agent keeps its 100 newest sessions; older ones end", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const token = await server.token("note:read");
  const first = await connectLegacy(server.mcpUrl, token);
  for (let i = 0; i < 100; i++) await connectLegacy(server.mcpUrl, token);
  assert.equal((await first.post(PING)).status, 404);
});
