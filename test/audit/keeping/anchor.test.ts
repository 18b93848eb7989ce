import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseVerifierKey } from "../../../src/audit/checkpoints/index.ts";
import { verifyExport } from "../../../src/audit/index.ts";
import { openAudit, parseConfig } from "../../../src/index.ts";
import { callTool, startServer, until } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

test("T73: checkpoints in a file elsewhere show an end that was cut off, and a line that the key did not sign is named", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "remit-anchor-"));
  t.after(() => rm(folder, { recursive: true }));
  const anchors = join(folder, "anchors.jsonl");
  const server = await startServer(t, createSurface(), { REMIT_ANCHOR: anchors });
  const token = await server.token("note:read");
  for (let i = 0; i < 3; i++) {
    await callTool(server, token, "echo", { text: "hello" });
    await server.operator.signLedger();
  }
  const lines = async () => (await readFile(anchors, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  await until(async () => ((await lines()).length === 3 ? true : undefined));
  const audit = await openAudit(parseConfig({ REMIT_DATA: server.dataDir }));
  t.after(() => audit.close());
  const key = server.operator.ledgerKey();
  assert.deepEqual([(await audit.verify({ key, anchors })).ok, (await audit.verify({ anchors })).ok], [true, true]);

  const exported = join(folder, "ledger.jsonl");
  const all: string[] = [];
  for await (const line of audit.export()) all.push(line);
  await writeFile(exported, `${all.slice(0, 3).join("\n")}\n`);
  assert.equal((await verifyExport(exported, { key })).ok, true, "without the anchors nobody can tell");
  const cut = await verifyExport(exported, { key, anchors });
  assert.deepEqual([cut.ok, cut.first_bad], [false, 4]);

  const kept = await lines();
  await writeFile(anchors, `${[kept[0], (kept[1] ?? "").replace(/[A-Za-z0-9+/]{8}=*\\n"\}$/, 'AAAAAAAA\\n"}'), kept[2]].join("\n")}\n`);
  await assert.rejects(audit.verify({ key, anchors }), /line 2 of .* is no checkpoint that this key signed/);
});

test("an address gets each checkpoint as a signed note; while it is away the server goes on, and the next one covers the last", async (t) => {
  const notes: string[] = [];
  let isAway = true;
  const witness = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      if (!isAway) notes.push(Buffer.concat(parts).toString());
      res.writeHead(isAway ? 500 : 204).end();
    });
  });
  await new Promise<void>((done) => witness.listen(0, "127.0.0.1", done));
  t.after(() => new Promise((done) => witness.close(done)));
  const host = `127.0.0.1:${(witness.address() as AddressInfo).port}`;
  const server = await startServer(t, createSurface(), { REMIT_ANCHOR: `http://${host}/notes`, REMIT_FETCH_ALLOWED_HOSTS: host });
  const token = await server.token("note:read");
  await server.operator.signLedger();
  assert.equal((await callTool(server, token, "echo", { text: "hello" })).status, 200);
  isAway = false;
  await server.operator.signLedger();
  await until(() => (notes.length > 0 ? true : undefined));
  const checkpoint = parseVerifierKey(server.operator.ledgerKey())?.(notes.at(-1) ?? "") ?? assert.fail("no signed note");
  assert.ok(checkpoint.size >= 3);
});
