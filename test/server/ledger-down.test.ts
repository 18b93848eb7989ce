import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { callTool, fetchToken, rpc, startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

test("T67: while the ledger cannot be written, calls are refused with 503 before they run; afterwards they run again and nothing is missing", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const agent = await server.agent("note:write");
  const token = await fetchToken(server.url, agent);
  const file = new DatabaseSync(join(server.dataDir, "ledger.db"));
  t.after(() => file.close());
  assert.equal((await callTool(server, token, "echo", { text: "before" })).status, 200);
  file.exec("create trigger full before insert on ledger_record begin select raise(abort, 'disk full'); end");

  const write = await callTool(server, token, "write_note", { text: "x" });
  assert.equal(write.status, 503);
  assert.match(write.body.error?.message ?? "", /could not be put on record/);
  assert.equal(surface.entered.get("write_note"), undefined);
  for (let i = 0; i < 3; i++) assert.equal((await callTool(server, token, "echo", { text: "during" })).status, 503);
  assert.equal((await rpc(server, token, { method: "tools/list" })).status, 503);
  assert.equal(surface.entered.get("echo"), 1, "no tool code is entered once a write has failed");
  await assert.rejects(server.operator.createAgent({ name: "late", scopes: ["note:read"] }));
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: agent.clientId, client_secret: agent.clientSecret });
  assert.equal((await fetch(`${server.url}/token`, { method: "POST", body })).status, 503);

  file.exec("drop trigger full");
  // The first request after the cause has gone is still refused, and finds that the ledger can be written again.
  await callTool(server, token, "echo", { text: "probe" });
  assert.equal((await callTool(server, token, "echo", { text: "after" })).status, 200);
  const echoed = (await server.records()).filter(({ tool, outcome }) => tool === "echo" && outcome === "ok");
  assert.deepEqual(
    echoed.map(({ arguments: args }) => args),
    [{ text: "before" }, { text: "after" }],
  );
});
