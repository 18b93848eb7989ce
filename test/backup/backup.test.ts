import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer, openAudit, parseConfig } from "../../src/index.ts";
import { backUp } from "../../src/cli/backup/back-up.ts";
import { restore } from "../../src/cli/backup/restore.ts";
import { callTool, modernRequest, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));
const TOOL = "write_note";

let server: TestServer;
let place: string;
const enders: (() => unknown)[] = [];

before(async () => {
  server = await startServer({ after: (end) => void enders.push(end as () => unknown) }, createSurface());
  place = await mkdtemp(join(tmpdir(), "remit-backup-"));
});

after(async () => {
  for (const end of enders.reverse()) await end();
  await rm(place, { recursive: true });
});

function command(args: readonly string[]) {
  const { PATH = "" } = process.env;
  const env = { PATH, REMIT_DATA: server.dataDir };
  return spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
}

const configOf = (dataDir: string, env: Record<string, string> = {}) =>
  parseConfig({ REMIT_DATA: dataDir, REMIT_URL: server.url, REMIT_LOG_LEVEL: "silent", ...env });

async function verified(dataDir: string) {
  const audit = await openAudit({ dataDir });
  try {
    return { ...(await audit.verify()), rows: await audit.read(0, 100_000) };
  } finally {
    await audit.close();
  }
}

/** Calls the server until `during` has settled; returns how many calls were answered. */
async function callWhile(token: string, during: Promise<unknown>): Promise<number> {
  const progress = { isOver: false };
  let calls = 0;
  const ended = during.finally(() => {
    progress.isOver = true;
  });
  while (!progress.isOver) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => callTool(server, token, TOOL, { text: "x" })));
    for (const { status } of answers) assert.equal(status, 200);
    calls += answers.length;
  }
  await ended;
  return calls;
}

test("a backup made under load and restored elsewhere has a whole ledger that the first goes on from, and tokens and grants as they were", async () => {
  const [token, revoked] = await Promise.all([server.token("note:write"), server.token("note:write")]);
  assert.equal(await server.operator.revokeToken(revoked), true);
  await callTool(server, token, TOOL, { text: "before" });
  const acknowledged = (await server.records()).length;

  const dir = join(place, "under-load");
  const child = command(["backup", dir, "--json"]);
  const calls = await callWhile(token, once(child, "close"));
  assert.equal(child.exitCode, 0);
  assert.ok(calls > 8, "there was no load");
  for (const file of await readdir(dir)) assert.equal((await stat(join(dir, file))).mode & 0o077, 0, `${file} can be read by others`);

  const restored = join(place, "elsewhere");
  const manifest = await restore(configOf(restored), dir);
  const copy = await verified(restored);
  assert.equal(copy.ok, true);
  assert.ok(copy.records >= acknowledged, `${copy.records} of ${acknowledged}`);
  assert.deepEqual(manifest.ledgers, [{ name: "ledger.db", records: copy.records, root: copy.root }]);
  const original = await server.records();
  assert.deepEqual(
    copy.rows.map(({ hash }) => hash),
    original.slice(0, copy.records).map(({ hash }) => hash),
  );

  const grants = await server.operator.listGrants();
  const second = await createServer({ ...createSurface(), config: configOf(restored) });
  try {
    assert.deepEqual(await second.operator.listGrants(), grants);
    const list = (bearer: string) => second.fetch(new Request(second.mcpUrl, modernRequest(bearer, { method: "tools/list" })));
    assert.equal((await list(token)).status, 200);
    assert.equal((await list(revoked)).status, 401);
  } finally {
    await second.close();
  }
  assert.equal((await verified(restored)).ok, true);
});

test("kill -9 during a backup leaves the server's data whole and no folder that could be taken for a backup", async () => {
  const dir = join(place, "killed");
  const child = command(["backup", dir]);
  const ended = once(child, "close");
  const isPartial = (name: string) => name.startsWith(`${basename(dir)}.partial`);
  await until(async () => (await readdir(dirname(dir))).find(isPartial));
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL");
  const left = await readdir(dirname(dir));
  assert.ok(!left.includes(basename(dir)));
  for (const name of left.filter(isPartial)) {
    await assert.rejects(restore(configOf(join(place, "never")), join(place, name)), /There is no backup in/);
  }
  assert.equal((await verified(server.dataDir)).ok, true);
  const again = await backUp(configOf(server.dataDir), dir, true);
  assert.equal(again.ledgers.length, 1);
});

test("a backup that was changed, or that lacks its key, is refused and nothing is put in place", async () => {
  const dir = join(place, "changed");
  await backUp(configOf(server.dataDir), dir, false);
  assert.ok(!(await readdir(dir)).includes("master.key"));
  const into = join(place, "refused");
  const masterKey = (await readFile(join(server.dataDir, "master.key"), "utf8")).trim();
  const other = Buffer.alloc(32, 7).toString("base64url");
  await assert.rejects(restore(configOf(into), dir), /does not hold the master key/);
  await assert.rejects(restore(configOf(into, { REMIT_MASTER_KEY: other }), dir), /not the one of this backup/);
  const bytes = await readFile(join(dir, "ledger.db"));
  await writeFile(join(dir, "ledger.db"), Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]));
  await assert.rejects(restore(configOf(into, { REMIT_MASTER_KEY: masterKey }), dir), /ledger\.db is not what it was/);
  assert.deepEqual(
    (await readdir(into)).filter((name) => /^(remit|ledger).*\.db$/.test(name)),
    [],
  );
  await writeFile(join(dir, "ledger.db"), bytes);
  // A restore that was cut off or refused is simply run again.
  await restore(configOf(into, { REMIT_MASTER_KEY: masterKey }), dir);
  assert.equal((await verified(into)).ok, true);
  await assert.rejects(restore(configOf(into, { REMIT_MASTER_KEY: masterKey }), dir), /holds data/);
});

test("a backup overwrites nothing, is not restored under a running server, and sends PostgreSQL to pg_dump", async () => {
  const dir = join(place, "whole");
  const config = configOf(server.dataDir);
  await backUp(config, dir, true);
  await assert.rejects(backUp(config, dir, true), /is not empty/);
  await assert.rejects(restore(config, dir), /Another Remit server is using/);
  await assert.rejects(backUp({ ...config, databaseUrl: "postgres://db" }, dir, true), /pg_dump/);
  await assert.rejects(restore({ ...config, databaseUrl: "postgres://db" }, dir), /pg_restore/);
  await assert.rejects(backUp(configOf(join(place, "nothing")), join(place, "of-nothing"), true), /No server has run/);
});
