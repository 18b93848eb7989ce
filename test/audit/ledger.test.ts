import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { addressPrefix } from "../../src/audit/refusals.ts";
import { createRefusalCounter, openLedger, recoverIntents, redact, verifyLedger, type LedgerEntry } from "../../src/audit/index.ts";
import { REDACTED } from "../../src/tool/index.ts";
import { openStore, type LedgerRow, type LedgerStore } from "../../src/store/index.ts";

async function openLedgerStore(t: TestContext): Promise<LedgerStore> {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-ledger-"));
  const store = await openStore({ dataDir });
  t.after(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });
  await store.migrate([]);
  return store.openLedger();
}

const call = (n: number): LedgerEntry => ({ kind: "call", ref: null, body: JSON.stringify({ n }) });

/** A chain store that fails while told to, over a real one. */
function unreliable(store: LedgerStore): LedgerStore & { isFailing: boolean } {
  return Object.assign(Object.create(store) as LedgerStore, {
    isFailing: false,
    append(this: { isFailing: boolean }, rows: readonly LedgerRow[]) {
      return this.isFailing ? Promise.reject(new Error("disk full")) : store.append(rows);
    },
    head: () => store.head(),
    read: (after: number, limit: number) => store.read(after, limit),
    scan: (...asked: Parameters<LedgerStore["scan"]>) => store.scan(...asked),
    openIntents: () => store.openIntents(),
    close: () => store.close(),
  });
}

test("a thousand appends at once are all on record, in order, and the chain verifies", async (t) => {
  const store = await openLedgerStore(t);
  const ledger = await openLedger(store);
  await Promise.all(Array.from({ length: 1000 }, (_, n) => ledger.append(call(n))));
  const rows = await store.read(0, 2000);
  assert.deepEqual(
    rows.map(({ body }) => (JSON.parse(body) as { n: number }).n),
    Array.from({ length: 1000 }, (_, n) => n),
  );
  const verification = await verifyLedger(store);
  assert.equal(verification.ok, true);
  assert.equal(verification.records, 1000);
});

test("T73: each kind of tampering is found at the first record that it touches", async (t) => {
  const store = await openLedgerStore(t);
  const ledger = await openLedger(store);
  await Promise.all(Array.from({ length: 50 }, (_, n) => ledger.append(call(n))));
  const rows = await store.read(0, 100);
  const tampered: readonly [title: string, rows: readonly LedgerRow[], firstBad: number][] = [
    ["a changed body", rows.map((row) => (row.seq === 20 ? { ...row, body: '{"n":999}' } : row)), 20],
    ["a removed record", rows.filter((row) => row.seq !== 20), 20],
    ["two exchanged records", rows.map((row) => (row.seq === 20 ? at(rows, 21, 20) : row.seq === 21 ? at(rows, 20, 21) : row)), 20],
    ["an inserted record", [...rows.slice(0, 20), at(rows, 20, 21), ...rows.slice(20).map((row) => ({ ...row, seq: row.seq + 1 }))], 21],
    ["a changed hash", rows.map((row) => (row.seq === 20 ? { ...row, hash: Buffer.alloc(32, 7) } : row)), 20],
    ["a removed beginning", rows.slice(5), 1],
  ];
  for (const [title, forged, firstBad] of tampered) {
    const verification = await verifyLedger({
      read: (after, limit) => Promise.resolve(forged.filter(({ seq }) => seq > after).slice(0, limit)),
    });
    assert.equal(verification.ok, false, title);
    assert.equal(verification.first_bad, firstBad, title);
  }
});

function at(rows: readonly LedgerRow[], from: number, seq: number): LedgerRow {
  const row = rows[from - 1];
  assert.ok(row);
  return { ...row, seq };
}

test("a write that fails is told to everyone who waits for it, and the chain goes on whole once the disk is back", async (t) => {
  const store = unreliable(await openLedgerStore(t));
  const ledger = await openLedger(store);
  await ledger.append(call(1));
  store.isFailing = true;
  await assert.rejects(ledger.append(call(2)), /disk full/);
  assert.equal(ledger.isWritable(), false);
  store.isFailing = false;
  await ledger.append(call(3));
  assert.equal(ledger.isWritable(), true);
  const rows = await store.read(0, 10);
  assert.deepEqual(
    rows.map(({ body }) => body),
    ['{"n":1}', '{"n":3}'],
  );
  assert.equal((await verifyLedger(store)).ok, true);
});

test("nothing is accepted after close", async (t) => {
  const ledger = await openLedger(await openLedgerStore(t));
  const last = ledger.append(call(1));
  await ledger.close();
  await last;
  await assert.rejects(ledger.append(call(2)), /closed/);
});

test("after a crash an intent without outcome is reported as unknown, once", async (t) => {
  const store = await openLedgerStore(t);
  const ledger = await openLedger(store);
  const intent = (id: string): LedgerEntry => ({
    kind: "intent",
    ref: id,
    body: JSON.stringify({ kind: "intent", decision: id, tool: "create" }),
  });
  await ledger.append(intent("dec_1"));
  await ledger.append(intent("dec_2"));
  await ledger.append({ kind: "outcome", ref: "dec_1", body: JSON.stringify({ kind: "outcome", decision: "dec_1", outcome: "ok" }) });
  assert.equal(await recoverIntents(ledger, 5), 1);
  assert.equal(await recoverIntents(ledger, 6), 0);
  const last = JSON.parse((await store.read(0, 10)).at(-1)?.body ?? "") as object;
  assert.deepEqual(last, {
    kind: "outcome",
    decision: "dec_2",
    tool: "create",
    at: 5,
    outcome: "unknown",
    note: "the server stopped before the call ended",
  });
});

test("a flood of refusals from one network and from many becomes a bounded number of records", async (t) => {
  const store = await openLedgerStore(t);
  const ledger = await openLedger(store);
  const counter = createRefusalCounter(ledger, () => 1000);
  for (let i = 0; i < 5000; i++) counter.count("missing_token", `192.0.2.${i % 256}`);
  for (let i = 0; i < 70_000; i++) counter.count("missing_token", `10.${i % 256}.${(i >> 8) % 256}.1`);
  await counter.close();
  const bodies = (await store.read(0, 5000)).map(({ body }) => JSON.parse(body) as { from: string; count: number });
  assert.ok(bodies.length <= 1001);
  assert.equal(bodies.find(({ from }) => from === "192.0.2.0/24")?.count, 5000);
  assert.equal(
    bodies.reduce((sum, { count }) => sum + count, 0),
    75_000,
  );
});

const prefixes: readonly [address: string, prefix: string][] = [
  ["192.0.2.7", "192.0.2.0/24"],
  ["::ffff:192.0.2.7", "192.0.2.0/24"],
  ["2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56"],
  ["2001:db8::1", "2001:db8:0:0::/56"],
  ["::1", "0:0:0:0::/56"],
  ["fe80::1%eth0", "fe80:0:0:0::/56"],
  ["cl_agent", "cl_agent"],
];

for (const [address, prefix] of prefixes) {
  test(`refusals from ${address} are counted for ${prefix}`, () => assert.equal(addressPrefix(address), prefix));
}

const secrets: readonly [title: string, value: unknown, expected: unknown][] = [
  ["a password by its name", { password: "hunter2" }, { password: REDACTED }],
  ["an api key by its name, deep", { a: [{ "api-key": "x" }] }, { a: [{ "api-key": REDACTED }] }],
  ["a JWT in any member", { note: "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln" }, { note: REDACTED }],
  ["a bearer header in text", { note: "Authorization: Bearer abcdefghijklmnop" }, { note: REDACTED }],
  ["a private key", { note: "-----BEGIN EC PRIVATE KEY-----" }, { note: REDACTED }],
  ["nothing in plain text", { name: "Acme", count: 3, on: true, none: null }, { name: "Acme", count: 3, on: true, none: null }],
];

for (const [title, value, expected] of secrets) {
  test(`T71: the record keeps out ${title}`, () => assert.deepEqual(redact(value), expected));
}

test("arguments in the record are cut to a bounded size", () => {
  const record = JSON.stringify(redact({ text: "x".repeat(100_000), list: Array.from({ length: 10_000 }, () => "y") }));
  assert.ok(record.length < 2000);
});
