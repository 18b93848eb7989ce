/**
 * `node bench/audit/verify.ts [RECORDS]`: writes so many records (a million unless said) to a ledger in a SQLite file, verifies all of them, then
 * proves one. Exits 1 when the verification takes more than 30 s.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAudit, openLedger } from "../../src/audit/index.ts";
import { openStore } from "../../src/store/index.ts";

const TARGET_MS = 30_000;
const BATCH = 5000;
const PADDING = "x".repeat(400);
const count = Number(process.argv[2] ?? 1_000_000);

const dataDir = await mkdtemp(join(tmpdir(), "remit-bench-verify-"));
try {
  const store = await openStore({ dataDir });
  await store.migrate([]);
  const ledger = await openLedger(await store.openLedger());
  for (let from = 0; from < count; from += BATCH) {
    const bodies = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => ({ v: 1, kind: "call", n: from + i, padding: PADDING }));
    await Promise.all(bodies.map((body) => ledger.append({ kind: "call", ref: null, body: JSON.stringify(body) })));
  }
  await ledger.close();
  await store.close();
  const audit = await openAudit({ dataDir });
  const startedAt = performance.now();
  const { ok, records, root } = await audit.verify();
  const verifyMs = Math.round(performance.now() - startedAt);
  const provingAt = performance.now();
  const proof = await audit.prove(Math.ceil(count / 2));
  const proveMs = Math.round(performance.now() - provingAt);
  await audit.close();
  console.log(JSON.stringify({ ok, records, verify_ms: verifyMs, prove_ms: proveMs, hashes: proof?.proof.length }));
  if (!ok || records !== count || proof?.root !== root || verifyMs > TARGET_MS) process.exitCode = 1;
} finally {
  await rm(dataDir, { recursive: true });
}
