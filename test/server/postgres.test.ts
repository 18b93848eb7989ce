import assert from "node:assert/strict";
import { test } from "node:test";
import { openAudit, parseConfig } from "../../src/index.ts";
import { callTool, rpc, startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { POSTGRES } from "../store/support/engines.ts";

test("the whole server runs on PostgreSQL: token, list, call, refusal, and all of it in a chain that verifies", async (t) => {
  const place = await POSTGRES.createPlace();
  const databaseUrl = place.options.databaseUrl ?? "";
  const server = await startServer(t, createSurface(), { REMIT_DATABASE_URL: databaseUrl });
  t.after(() => place.remove());
  const token = await server.token("note:read");
  assert.equal((await rpc(server, token, { method: "tools/list" })).status, 200);
  assert.equal((await callTool(server, token, "echo", { text: "x" })).status, 200);
  assert.equal((await callTool(server, token, "write_note", { text: "x" })).status, 403);
  const audit = await openAudit(parseConfig({ REMIT_DATA: server.dataDir, REMIT_DATABASE_URL: databaseUrl }));
  t.after(() => audit.close());
  const records = await audit.read(0, 100);
  assert.deepEqual(
    records.map(({ event, method, outcome }) => event ?? `${String(method)} ${String(outcome)}`),
    ["workspace.seeded", "agent.created", "token.issued", "tools/list ok", "tools/call ok", "tools/call refused"],
  );
  const { ok, records: verified } = await audit.verify();
  assert.deepEqual([ok, verified], [true, 6]);
});
