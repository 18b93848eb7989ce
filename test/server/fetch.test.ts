import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { readEvents } from "../support/legacy-client.ts";
import { modernRequest, startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

async function startCall(t: TestContext, waitMs: number) {
  const server = await startServer(t, createSurface());
  const abort = new AbortController();
  const params = { name: "stream_echo", arguments: { text: "x", waitMs } };
  const given = modernRequest(await server.token("note:read"), { method: "tools/call", params, meta: { progressToken: "p" } });
  const response = await server.fetch(new Request(server.mcpUrl, { ...given, signal: abort.signal }));
  const cancelled = () => until(async () => (await server.records()).find(({ outcome }) => outcome === "cancelled"));
  return { server, abort, response, given, cancelled };
}

test("the Fetch API handler hands on each event of a stream as it comes", async (t) => {
  const { response, abort } = await startCall(t, 60_000);
  const event = await readEvents(response).next();
  assert.equal(event?.message?.["method"], "notifications/progress");
  abort.abort();
});

test("whoever aborts a request to the Fetch API handler has cancelled its call", async (t) => {
  const { response, abort, cancelled } = await startCall(t, 60_000);
  const reader = readEvents(response);
  await reader.next();
  abort.abort();
  await cancelled();
  await assert.rejects(reader.rest());
});

test("whoever cancels the body of an answer has cancelled its call", async (t) => {
  const { response, cancelled } = await startCall(t, 60_000);
  const reader = readEvents(response);
  await reader.next();
  await reader.cut();
  await cancelled();
});

test("a request that is aborted before its answer begins is rejected with the reason, and cancelled", async (t) => {
  const { server, given, response } = await startCall(t, 0);
  await response.body?.cancel();
  const abort = new AbortController();
  const quiet = modernRequest(given.headers.get("authorization")?.slice(7), {
    method: "tools/call",
    params: { name: "stream_echo", arguments: { text: "quiet", waitMs: 60_000 } },
  });
  const answer = server.fetch(new Request(server.mcpUrl, { ...quiet, signal: abort.signal }));
  const reason = new Error("no longer wanted");
  setImmediate(() => abort.abort(reason));
  await assert.rejects(answer, reason);
  const before = server.fetch(new Request(server.mcpUrl, { ...quiet, signal: abort.signal }));
  await assert.rejects(before, reason);
});

test("an answer that was read to its end was not cancelled", async (t) => {
  const { response, server } = await startCall(t, 0);
  assert.equal((await readEvents(response).rest()).length, 4);
  assert.ok(!(await server.records()).some(({ outcome }) => outcome === "cancelled"));
});
