/** The ledger's writer: a thread of its own, so that waiting for the disk never holds up requests. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { HASH_BYTES, type LedgerBatch, linesOf } from "./ledger-batch.ts";
import type { LedgerRow } from "../index.ts";

/** What the worker is started with. */
export interface LedgerWorkerData {
  readonly path: string;
}

/** What the worker is told: rows to write, texts to replace, or to end. */
export type LedgerMessage = LedgerBatch | { readonly pruned: readonly Pick<LedgerRow, "seq" | "body">[] } | "close";

/** The answer to each batch, in the order they came: null when it is durable, else why it is not. */
export type LedgerAnswer = string | null;

const { path } = workerData as LedgerWorkerData;
const db = new DatabaseSync(path, { timeout: 5_000 });
db.exec(`
  pragma page_size = 8192;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -1024;
  create table if not exists ledger_record (
    seq integer primary key check (seq > 0),
    prev blob not null check (length(prev) = 32),
    hash blob not null check (length(hash) = 32),
    kind text not null,
    ref text,
    body text not null
  ) strict;
  create index if not exists ledger_record_by_ref on ledger_record (kind, ref) where ref is not null;
`);
const selectLastSeq = db.prepare("select max(seq) as seq from ledger_record");
const insertRow = db.prepare("insert into ledger_record (seq, prev, hash, kind, ref, body) values (?, ?, ?, ?, ?, ?)");
const updateBody = db.prepare("update ledger_record set body = ? where seq = ?");
const begin = db.prepare("begin immediate");
const commit = db.prepare("commit");

let lastSeq = readLastSeq();

function readLastSeq(): number {
  return Number(selectLastSeq.get()?.["seq"] ?? 0);
}

function insertAll(batch: LedgerBatch): void {
  const fields = linesOf(batch);
  if (batch.firstSeq !== lastSeq + 1) throw new Error(`it ends at ${lastSeq}, ${batch.firstSeq} cannot follow.`);
  for (let i = 0; i < batch.count; i++) {
    const at = i * 2 * HASH_BYTES;
    const prev = batch.hashes.subarray(at, at + HASH_BYTES);
    const hash = batch.hashes.subarray(at + HASH_BYTES, at + 2 * HASH_BYTES);
    insertRow.run(batch.firstSeq + i, prev, hash, fields[i * 3] ?? "", fields[i * 3 + 1] || null, fields[i * 3 + 2] ?? "");
  }
}

function write(message: Exclude<LedgerMessage, "close">): LedgerAnswer {
  try {
    begin.run();
    if ("pruned" in message) for (const { seq, body } of message.pruned) updateBody.run(body, seq);
    else insertAll(message);
    commit.run();
    if (!("pruned" in message)) lastSeq += message.count;
    return null;
  } catch (error) {
    if (db.isTransaction) db.exec("rollback");
    // A failed commit may still have reached the disk: only the database knows where the chain ends.
    lastSeq = readLastSeq();
    return error instanceof Error ? error.message : String(error);
  }
}

parentPort?.on("message", (message: LedgerMessage) => {
  if (message === "close") {
    db.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(write(message));
});
parentPort?.postMessage(null);
