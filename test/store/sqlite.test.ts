import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { BootError } from "../../src/errors.ts";
import { openLedgerReader, openStore } from "../../src/store/index.ts";
import { type Place, SQLITE } from "./support/engines.ts";
import { ledgerRows } from "./support/rows.ts";

const KILLS = 5;
const isBootError =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof BootError && pattern.test(error.message);

describe("the embedded database", () => {
  let place: Place;
  let dataDir: string;
  beforeEach(async () => {
    place = await SQLITE.createPlace();
    dataDir = join(place.options.dataDir, "data");
  });
  afterEach(() => place.remove());

  test("its folder and files are for their owner only", async () => {
    const store = await openStore({ dataDir });
    await store.migrate([]);
    await (await store.openLedger()).append(ledgerRows(0, 1));
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    const files = readdirSync(dataDir);
    assert.ok(files.includes("remit.db") && files.includes("ledger.db"));
    for (const file of files) assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, file);
    await store.close();
  });

  test("a folder in use is refused until its store is closed", async () => {
    const store = await openStore({ dataDir });
    await assert.rejects(openStore({ dataDir }), isBootError(/Another Remit server is using the data folder.*REMIT_DATA/));
    await store.close();
    await store.close();
    await (await openStore({ dataDir })).close();
  });

  test("a folder in use by another process is refused, and free once that process is killed", async () => {
    const child = startAppending(dataDir);
    await firstLine(child);
    await assert.rejects(openStore({ dataDir }), isBootError(/Another Remit server/));
    const reader = await openLedgerReader({ dataDir });
    assert.ok(((await reader.head())?.seq ?? 0) > 0, "a reader needs no claim on the folder");
    await reader.close();
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await openStore({ dataDir })).close();
  });

  test("T72: no acknowledged record is missing after kill -9, and the chain has no gap", async () => {
    for (let round = 0; round < KILLS; round++) {
      const child = startAppending(dataDir);
      let acknowledged = 0;
      const lines = createInterface({ input: child.stdout ?? assert.fail() });
      for await (const line of lines) {
        acknowledged = Number(line);
        if (!child.killed && acknowledged % 1_000 > 200 + round * 137) child.kill("SIGKILL");
      }
      const reader = await openLedgerReader({ dataDir });
      const rows = await reader.read(0, 1_000_000);
      await reader.close();
      assert.ok(acknowledged > 0);
      assert.ok(rows.length >= acknowledged, `${rows.length} stored, ${acknowledged} acknowledged`);
      assert.deepEqual(
        rows.map((row) => row.seq),
        rows.map((_, i) => i + 1),
      );
    }
  });

  test("what is not a database stops the start with its path", async () => {
    await (await openStore({ dataDir })).close();
    writeFileSync(join(dataDir, "remit.db"), "this is not a database, it only pretends to be one".repeat(100));
    await assert.rejects(openStore({ dataDir }), isBootError(/remit\.db cannot be opened/));
    await assert.rejects(openStore({ dataDir }), isBootError(/remit\.db cannot be opened/), "the claim was given back");
  });

  test("a path that cannot be a folder stops the start", async () => {
    writeFileSync(join(place.options.dataDir, "file"), "");
    await assert.rejects(openStore({ dataDir: join(place.options.dataDir, "file", "x") }), isBootError(/cannot be made.*REMIT_DATA/));
  });

  test("T67: while the ledger's file cannot be written, appends are refused; afterwards the chain goes on", async () => {
    const store = await openStore({ dataDir });
    const ledger = await store.openLedger();
    await ledger.append(ledgerRows(0, 1));
    const other = new DatabaseSync(join(dataDir, "ledger.db"));
    other.exec("create trigger full before insert on ledger_record begin select raise(abort, 'disk full'); end");
    await assert.rejects(ledger.append(ledgerRows(1, 3)), /not written: disk full/);
    assert.equal((await ledger.head())?.seq, 1);
    other.exec("drop trigger full");
    other.close();
    await ledger.append(ledgerRows(1, 3));
    assert.equal((await ledger.head())?.seq, 4);
    await store.close();
  });

  test("T67: a writer that dies refuses what it was given, and a new one goes on", async () => {
    const store = await openStore({ dataDir });
    const ledger = await store.openLedger();
    await ledger.append(ledgerRows(0, 2));
    const other = new DatabaseSync(join(dataDir, "ledger.db"));
    other.exec("alter table ledger_record rename to away");
    const given = [ledger.append(ledgerRows(2, 1)), ledger.append(ledgerRows(2, 1)), ledger.append(ledgerRows(3, 1))];
    for (const result of await Promise.allSettled(given)) assert.equal(result.status, "rejected");
    other.exec("alter table away rename to ledger_record");
    other.close();
    await ledger.append(ledgerRows(2, 2));
    assert.deepEqual(
      (await ledger.read(0, 10)).map((row) => row.seq),
      [1, 2, 3, 4],
    );
    await store.close();
  });

  test("a ledger that is not a database stops the start with its path", async () => {
    const store = await openStore({ dataDir });
    writeFileSync(join(dataDir, "ledger.db"), "this is not a database, it only pretends to be one".repeat(100));
    await assert.rejects(store.openLedger(), isBootError(/ledger\.db cannot be opened/));
    await store.close();
  });

  test("a field with a line break is refused, since it would shift the others", async () => {
    const store = await openStore({ dataDir });
    const ledger = await store.openLedger();
    await assert.rejects(ledger.append(ledgerRows(0, 1, { body: "{\n}" })), /line break/);
    await ledger.append(ledgerRows(0, 1));
    await store.close();
  });

  test("after a close everything is in the main file, so that copying it is a backup", async () => {
    const store = await openStore({ dataDir });
    await (await store.openLedger()).append(ledgerRows(0, 100));
    await store.close();
    assert.equal(existsSync(join(dataDir, "ledger.db-wal")), false);
    assert.equal(existsSync(join(dataDir, "remit.db-wal")), false);
  });

  test("only what the database can hold is stored", async () => {
    const store = await openStore({ dataDir });
    await store.migrate([]);
    const insert = store.db.insertInto("workspace").values({ id: "w", name: "x", created_at: new Date(0) as unknown as number });
    await assert.rejects(insert.execute(), /epoch milliseconds/);
    assert.deepEqual(await store.db.selectFrom("workspace").selectAll().execute(), []);
    await store.close();
  });
});

function startAppending(dataDir: string): ChildProcess {
  const script = new URL("support/append-until-killed.ts", import.meta.url);
  return spawn(process.execPath, [script.pathname, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(child: ChildProcess): Promise<void> {
  for await (const _ of createInterface({ input: child.stdout ?? assert.fail() })) return;
}
