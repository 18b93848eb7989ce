import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createServer, parseConfig, type Server } from "../../../src/index.ts";
import { callOf, connectLegacy, legacyClient, readEvents, type SseEvent } from "../../support/legacy-client.ts";
import { fetchToken, startServer } from "../../support/remit.ts";
import { createHeldSurface } from "./tools.ts";

const VERSION = "2025-11-25";

function textsOf(events: readonly SseEvent[]): unknown[] {
  return events.flatMap(({ message }) => {
    if (message === undefined) return [];
    const params = message["params"] as { message?: string } | undefined;
    return [params?.message ?? message["result"] ?? message["error"]];
  });
}

const DONE = { content: [{ type: "text", text: "a done" }] };

test("a client that lost its connection gets exactly what it missed, in order, while the call goes on", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const broken = readEvents(await client.post(callOf("steps", { text: "a" }, { progressToken: 1 })));
  const seen = await broken.until(({ message }) => message !== undefined);
  await broken.cut();
  const resumed = readEvents(await client.get(seen.at(-1)?.id));
  release();
  assert.deepEqual(textsOf(await resumed.rest()), ["a 2", "a 3", DONE]);
});

test("a client that comes back after the call has ended gets the rest from the store, as often as it asks", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const broken = readEvents(await client.post(callOf("steps", { text: "a" }, { progressToken: 1 })));
  const seen = await broken.until(({ message }) => message !== undefined);
  const id = seen.at(-1)?.id ?? "";
  release();
  await broken.rest();
  for (let i = 0; i < 2; i++) assert.deepEqual(textsOf(await readEvents(await client.get(id)).rest()), ["a 2", "a 3", DONE]);
  const all = textsOf(await readEvents(await client.get(`${id.split(".")[0]}.0`)).rest());
  assert.deepEqual(all, ["a 1", "a 2", "a 3", DONE]);
});

test("a call that is silent for a second opens its stream with an id to come back to (MCP 2025-11-25, polling)", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface);
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const broken = readEvents(await client.post(callOf("silent", { text: "a" })));
  const first = await broken.next();
  assert.equal(first?.data, "");
  assert.match(first.id ?? "", /^s_[0-9a-z]+\.0$/);
  assert.equal(first.retry, "1000");
  await broken.cut();
  const resumed = readEvents(await client.get(first.id));
  release();
  assert.deepEqual(textsOf(await resumed.rest()), [DONE]);
});

test("the stream of a long call is closed after its time, and the client comes back for the rest", async (t) => {
  const { surface, release } = createHeldSurface();
  const server = await startServer(t, surface, { REMIT_STREAM_SECONDS: "0.2" });
  const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
  const events = await readEvents(await client.post(callOf("steps", { text: "a" }, { progressToken: 1 }))).rest();
  assert.deepEqual(textsOf(events), ["a 1"]);
  const resumed = readEvents(await client.get(events.at(-1)?.id));
  release();
  assert.deepEqual(textsOf(await resumed.rest()), ["a 2", "a 3", DONE]);
});

for (const id of ["", "nonsense", "s_abc", "s_abc.-1", "get.99999999999"]) {
  test(`the Last-Event-ID ${JSON.stringify(id)} is refused or gives nothing of anybody`, async (t) => {
    const server = await startServer(t, createHeldSurface().surface);
    const client = await connectLegacy(server.mcpUrl, await server.token("note:read"));
    const response = await client.get(id);
    assert.equal(response.status, 400);
  });
}

async function open(t: Pick<TestContext, "after">, dataDir: string, port: string) {
  const held = createHeldSurface();
  const config = parseConfig({ PORT: port, REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "silent", REMIT_DRAIN_SECONDS: "0.1" });
  const server = await createServer({ ...held.surface, config });
  t.after(() => server.close());
  return { ...held, server };
}

async function firstRun(server: Server): Promise<string> {
  await server.operator.seed(async (db, now) => {
    await db.insertInto("workspace").values({ id: "wks_test", name: "Test", created_at: now }).execute();
  });
  const agent = await server.operator.createAgent({ name: "test", scopes: ["note:read"] });
  if ("problems" in agent) throw new Error(agent.problems.join("\n"));
  await server.listen();
  return fetchToken(server.url, { clientId: agent.clientId, clientSecret: agent.clientSecret ?? "" });
}

test("sessions and what was sent in them survive a restart; a call that was cut off is answered as lost, once and for all", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-"));
  t.after(() => rm(dataDir, { recursive: true }));
  const before = await open(t, dataDir, "0");
  const token = await firstRun(before.server);
  const { mcpUrl } = before.server;
  const client = await connectLegacy(mcpUrl, token);
  const done = readEvents(await client.post(callOf("stream_echo", { text: "a" }, { progressToken: 1 })));
  const doneFirst = (await done.until(({ message }) => message !== undefined)).at(-1);
  await done.rest();
  const cut = readEvents(await client.post(callOf("steps", { text: "b" }, { id: "lost", progressToken: 2 })));
  const cutFirst = (await cut.until(({ message }) => message !== undefined)).at(-1);
  const ended = cut.rest().catch(() => []);
  await before.server.close();
  await ended;

  const after = await open(t, dataDir, new URL(mcpUrl).port);
  await after.server.listen();
  const again = legacyClient({ mcpUrl: after.server.mcpUrl, token, version: VERSION }, client.sessionId);
  assert.equal((await again.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status, 200);
  assert.deepEqual(textsOf(await readEvents(await again.get(doneFirst?.id)).rest()), ["a 2", "a 3", DONE]);
  for (let i = 0; i < 2; i++) {
    const events = await readEvents(await again.get(cutFirst?.id)).rest();
    assert.equal(events.filter(({ message }) => message?.["id"] === "lost").length, 1);
    assert.match(JSON.stringify(events.at(-1)?.message), /how it ended is not known|cancelled/);
  }
});
