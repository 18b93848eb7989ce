import type { LedgerRow } from "../index.ts";

export const HASH_BYTES = 32;
const MAX_BATCH_CHARS = 16 * 1024 * 1024;
const SEPARATOR = "\n";

/**
 * Rows on their way to the worker: two strings are far cheaper to hand over than many objects. Bytes that are handed over live there until the next
 * full collection, which a thread that does little else rarely needs; strings go with the next small one.
 */
export interface LedgerBatch {
  readonly firstSeq: number;
  readonly count: number;
  /** `kind`, `ref` (empty when none) and `body` of each row, a line each. */
  readonly lines: string;
  /** `prev` and `hash` of each row, 64 bytes a row, a character each (latin1). */
  readonly hashes: string;
}

/** Room for the hashes of one batch; grows with the largest. */
let scratch = Buffer.alloc(64 * 2 * HASH_BYTES);

/** Packs rows that follow one another; throws when they do not or when a field has a line break. */
export function packBatch(rows: readonly LedgerRow[]): LedgerBatch {
  const hashBytes = rows.length * 2 * HASH_BYTES;
  if (scratch.length < hashBytes) scratch = Buffer.alloc(hashBytes);
  const firstSeq = rows[0]?.seq ?? 0;
  let lines = "";
  let index = 0;
  for (const row of rows) {
    if (row.seq !== firstSeq + index) throw new Error(`Ledger rows must follow one another: got ${row.seq} after ${firstSeq + index - 1}.`);
    if (row.prev.length !== HASH_BYTES || row.hash.length !== HASH_BYTES) throw new Error("A ledger hash has 32 bytes.");
    scratch.set(row.prev, index * 2 * HASH_BYTES);
    scratch.set(row.hash, (index * 2 + 1) * HASH_BYTES);
    lines += (index === 0 ? "" : SEPARATOR) + row.kind + SEPARATOR + (row.ref ?? "") + SEPARATOR + row.body;
    index++;
  }
  if (lines.length > MAX_BATCH_CHARS) throw new Error(`A ledger batch has at most ${MAX_BATCH_CHARS} characters.`);
  return { firstSeq, count: rows.length, lines, hashes: scratch.toString("latin1", 0, hashBytes) };
}

/** The fields of a batch's lines, three a row. */
export function linesOf(batch: LedgerBatch): readonly string[] {
  const fields = batch.lines.split(SEPARATOR);
  if (fields.length !== batch.count * 3) throw new Error("A ledger field must not contain a line break.");
  return fields;
}
