/** The ledger's writer: a thread of its own, so that waiting for the disk never holds up requests. It has one chain open at a time. */
import { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { HASH_BYTES, type LedgerBatch, linesOf } from "./ledger-batch.ts";
import type { LedgerRow } from "../index.ts";

/** What is done to the chain: rows to write, or texts to replace. */
export type LedgerChange = LedgerBatch | { readonly pruned: readonly Pick<LedgerRow, "seq" | "body">[] };

/** What the worker is told: the file of the next chain, a change of it, or to close it. */
export type LedgerMessage = { readonly open: string } | LedgerChange | "close";

/** The answer to each message, in the order they came: null when it is done (a change: when it is durable), else why it is not. */
export type LedgerAnswer = string | null;

interface Chain {
  write(change: LedgerChange): LedgerAnswer;
  close(): void;
}

let chain: Chain | undefined;

function openChain(path: string): Chain {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return chainOf(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function chainOf(db: DatabaseSync): Chain {
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
  const readLastSeq = () => Number(selectLastSeq.get()?.["seq"] ?? 0);
  let lastSeq = readLastSeq();

  function insertAll(batch: LedgerBatch): void {
    const fields = linesOf(batch);
    const hashes = Buffer.from(batch.hashes, "latin1");
    if (batch.firstSeq !== lastSeq + 1) throw new Error(`it ends at ${lastSeq}, ${batch.firstSeq} cannot follow.`);
    for (let i = 0; i < batch.count; i++) {
      const at = i * 2 * HASH_BYTES;
      const prev = hashes.subarray(at, at + HASH_BYTES);
      const hash = hashes.subarray(at + HASH_BYTES, at + 2 * HASH_BYTES);
      insertRow.run(batch.firstSeq + i, prev, hash, fields[i * 3] ?? "", fields[i * 3 + 1] || null, fields[i * 3 + 2] ?? "");
    }
  }

  return {
    write(change) {
      try {
        begin.run();
        if ("pruned" in change) for (const { seq, body } of change.pruned) updateBody.run(body, seq);
        else insertAll(change);
        commit.run();
        if (!("pruned" in change)) lastSeq += change.count;
        return null;
      } catch (error) {
        if (db.isTransaction) db.exec("rollback");
        // A failed commit may still have reached the disk: only the database knows where the chain ends. When it cannot tell, the thread ends.
        lastSeq = readLastSeq();
        return textOf(error);
      }
    },
    close: () => db.close(),
  };
}

function open(path: string): LedgerAnswer {
  try {
    chain = openChain(path);
    return null;
  } catch (error) {
    return textOf(error);
  }
}

function take(message: LedgerMessage): LedgerAnswer {
  if (message === "close") {
    chain?.close();
    chain = undefined;
    return null;
  }
  if ("open" in message) return open(message.open);
  return chain === undefined ? "no chain is open." : chain.write(message);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

parentPort?.on("message", (message: LedgerMessage) => parentPort?.postMessage(take(message)));
