import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { callTool, fetchToken, rpc, startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

test("T70: names, arguments and headers that would break a log line or steer a terminal are on record as one harmless line each", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const nasty = [
    'a\n{"forged":true}',
    "a\r\nb",
    "\u001b[2Jclear",
    "\u009b31m",
    "line\u2028separator\u2029",
    '","outcome":"ok',
    "x".repeat(100_000),
  ];
  for (const text of nasty) {
    await callTool(server, token, "echo", { text });
    await rpc(server, token, {
      method: "tools/call",
      params: { name: text.slice(0, 2000), arguments: {} },
      headers: { "mcp-name": `=?base64?${Buffer.from(text.slice(0, 2000)).toString("base64")}?=` },
    });
    await rpc(server, token, { method: text.slice(0, 100).replaceAll(/[^ -~]/g, "?") });
  }
  const records = await server.records();
  assert.ok(records.length >= nasty.length * 3);
  for (const record of records) {
    const line = JSON.stringify(record);
    assert.equal(record["forged"], undefined);
    assert.ok(line.length < 4000, `a record has ${line.length} characters`);
  }
});

test("T71: secrets that pass through the server are in no record, no answer and no file in the clear", async (t) => {
  const server = await startServer(t, createSurface(), { REMIT_LOG_LEVEL: "silent" });
  const agent = await server.agent("note:read");
  const token = await fetchToken(server.url, agent);
  const canaries = { password: "canary-password-1", api_key: "canary-key-2", note: `Bearer ${token}` };
  const answers = [
    await callTool(server, token, "echo", canaries),
    await callTool(server, token, "crash", { text: "canary-crash-3" }),
    await rpc(server, "canary-token-4", { method: "tools/list" }),
    await rpc(server, token, { method: "canary/method" }),
  ].map(({ body }) => JSON.stringify(body));
  await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: agent.clientId, client_secret: "canary-secret-5" }),
  });
  // What a tool throws may be on record as the argument that it was; nothing of it may be answered.
  assert.ok(!answers.join("").includes("canary-crash-3"));
  const seen = `${JSON.stringify(await server.records())}${answers.join("")}`;
  for (const canary of [
    "canary-password-1",
    "canary-key-2",
    "canary-token-4",
    "canary-secret-5",
    token,
    agent.clientSecret,
    token.split(".")[2] ?? token,
  ]) {
    assert.ok(!seen.includes(canary), `${canary.slice(0, 20)} leaked`);
  }
  for (const file of await readdir(server.dataDir)) {
    if (file === "master.key" || file.endsWith(".sock")) continue;
    const bytes = await readFile(join(server.dataDir, file));
    for (const secret of [token, agent.clientSecret, "canary-password-1", "canary-secret-5"])
      assert.ok(!bytes.includes(secret), `${file} holds a secret`);
  }
});

test("what a caller learns of a crash is an id, and the same id is in the ledger", async (t) => {
  const server = await startServer(t, createSurface());
  const answer = await callTool(server, await server.token("note:read"), "crash", { text: "inner" });
  assert.equal(answer.status, 500);
  assert.equal(answer.body.error?.code, -32603);
  const id = /flt_\w+/.exec(answer.body.error.message)?.[0];
  assert.ok(id);
  assert.ok(!JSON.stringify(answer.body).includes("secret detail"));
  const record = (await server.records()).find(({ outcome }) => outcome === "fault");
  assert.equal(record?.["fault"], id);
});
