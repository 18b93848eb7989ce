import type { LedgerRow } from "../index.ts";

export const HASH_BYTES = 32;
const MAX_BATCH_CHARS = 16 * 1024 * 1024;
const SEPARATOR = "\n";

/** Rows on their way to the worker: one string and one piece of bytes are far cheaper to hand over than many objects. */
export interface LedgerBatch {
  readonly firstSeq: number;
  readonly count: number;
  /** `kind`, `ref` (empty when none) and `body` of each row, a line each. */
  readonly lines: string;
  /** `prev` and `hash` of each row, 64 bytes a row. */
  readonly hashes: Uint8Array<ArrayBuffer>;
}

/** Packs rows that follow one another; throws when they do not or when a field has a line break. */
export function packBatch(rows: readonly LedgerRow[]): LedgerBatch {
  const hashes = new Uint8Array(rows.length * 2 * HASH_BYTES);
  const firstSeq = rows[0]?.seq ?? 0;
  let lines = "";
  let index = 0;
  for (const row of rows) {
    if (row.seq !== firstSeq + index) throw new Error(`Ledger rows must follow one another: got ${row.seq} after ${firstSeq + index - 1}.`);
    if (row.prev.length !== HASH_BYTES || row.hash.length !== HASH_BYTES) throw new Error("A ledger hash has 32 bytes.");
    hashes.set(row.prev, index * 2 * HASH_BYTES);
    hashes.set(row.hash, (index * 2 + 1) * HASH_BYTES);
    lines += (index === 0 ? "" : SEPARATOR) + row.kind + SEPARATOR + (row.ref ?? "") + SEPARATOR + row.body;
    index++;
  }
  if (lines.length > MAX_BATCH_CHARS) throw new Error(`A ledger batch has at most ${MAX_BATCH_CHARS} characters.`);
  return { firstSeq, count: rows.length, lines, hashes };
}

/** The fields of a batch's lines, three a row. */
export function linesOf(batch: LedgerBatch): readonly string[] {
  const fields = batch.lines.split(SEPARATOR);
  if (fields.length !== batch.count * 3) throw new Error("A ledger field must not contain a line break.");
  return fields;
}
