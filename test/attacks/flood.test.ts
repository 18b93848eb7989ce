import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as z from "zod";
import { redact } from "../../src/audit/index.ts";
import { defineTool } from "../../src/index.ts";
import { callTool, modernRequest, readAnswer, rpc, startServer } from "../support/remit.ts";
import { createSurface, scopes } from "../support/tools.ts";

test("T66: one agent's largest arguments, sent all at once, neither fail the ledger for others nor fill it", async (t) => {
  const server = await startServer(t, createSurface());
  const [busy, quiet] = [await server.token("note:read"), await server.token("note:read")];
  const rows = Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => "x".repeat(60)));
  const flood = Array.from({ length: 190 }, () => callTool(server, busy, "echo", { rows }));
  const beside = callTool(server, quiet, "echo", { text: "x" });
  assert.equal((await beside).status, 200);
  assert.deepEqual([...new Set((await Promise.all(flood)).map(({ status }) => status))], [200]);
  for (const record of await server.records()) assert.ok(JSON.stringify(record).length < 20_000);
});

const hostile: readonly [title: string, text: string][] = [
  ["the start of a JWT", "eyJ"],
  ["the start of a private key", "-----BEGIN A"],
  ["a bearer header", "Bearer "],
  ["the start of an API key", "sk-"],
  ["parts of a JWT", "eyJaaaaaaaa."],
];

for (const [title, text] of hostile) {
  test(`T64: 250 KB of ${title} over and over take no time to speak of`, () => {
    const started = performance.now();
    redact({ text: text.repeat(Math.floor(250_000 / text.length)) });
    // A pattern that backtracks takes half a minute here.
    assert.ok(performance.now() - started < 1000);
  });
}

test("T66: the messages of a batch each count against the caller's rate", async (t) => {
  const server = await startServer(t, createSurface(), { REMIT_RATE_PER_SECOND: "1", REMIT_RATE_BURST: "20" });
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${await server.token("note:read")}`,
    "mcp-protocol-version": "2025-03-26",
  };
  const batch = (count: number) => JSON.stringify(Array.from({ length: count }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" })));
  const post = (count: number) => fetch(server.mcpUrl, { method: "POST", headers, body: batch(count) });
  assert.equal((await post(10)).status, 200);
  const refused = await post(15);
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]/);
  await refused.body?.cancel();
});

const careless = defineTool({
  name: "careless",
  title: "Careless",
  description: "Emits without waiting.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ isBroken: z.boolean().default(false) }),
  examples: [{ title: "x", input: {} }],
  async run({ isBroken }, { partial, progress }) {
    if (isBroken) void partial(undefined as unknown as string);
    void progress(1, 3, "one");
    void progress(2, 3, "two");
    await new Promise((resolve) => setTimeout(resolve, 20));
    return "three";
  },
});

test("T72: a tool that does not wait for what it emits sends nothing before its intent is on record, and ends nobody's server", async (t) => {
  const server = await startServer(t, { scopes, tools: [careless] });
  const token = await server.token("note:read");
  const file = new DatabaseSync(join(server.dataDir, "ledger.db"));
  t.after(() => file.close());
  const call = (isBroken: boolean) =>
    fetch(
      server.mcpUrl,
      modernRequest(token, { method: "tools/call", params: { name: "careless", arguments: { isBroken } }, meta: { progressToken: 1 } }),
    );
  assert.equal((await readAnswer(await call(true))).streamed.length, 2);
  file.exec("create trigger full before insert on ledger_record begin select raise(abort, 'disk full'); end");
  const answer = await readAnswer(await call(false));
  assert.equal(answer.status, 503);
  assert.deepEqual(answer.streamed, []);
  assert.match(answer.body.error?.message ?? "", /may have been carried out/);
  file.exec("drop trigger full");
  await rpc(server, token, { method: "tools/list" });
  assert.equal((await rpc(server, token, { method: "tools/list" })).status, 200);
});
