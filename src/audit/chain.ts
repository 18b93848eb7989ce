import { hash } from "node:crypto";
import type { LedgerRow } from "../store/index.ts";

/** The `prev` of the first record. */
export const GENESIS: Uint8Array = new Uint8Array(32);

const LEAF = "\u0000";
const link = Buffer.alloc(65);
link[0] = 1;

/**
 * The hash of a record: SHA-256 over 0x01, the previous record's hash and the leaf hash of the body; the leaf hash is SHA-256 over
 * 0x00 and the body (RFC 6962 §2.1). The body enters through its leaf hash only, so it can be pruned later without breaking the chain.
 */
export function chainHash(prev: Uint8Array, body: string): Buffer {
  link.set(prev, 1);
  link.set(hash("sha256", LEAF + body, "buffer"), 33);
  return hash("sha256", link, "buffer");
}

/** The first row that does not follow from its predecessor, or undefined. `from` is what came before the rows. */
export function findBreak(rows: readonly LedgerRow[], from: { readonly seq: number; readonly hash: Uint8Array }): { readonly seq: number; readonly why: string } | undefined {
  let { seq, hash: prev } = from;
  for (const row of rows) {
    seq++;
    if (row.seq !== seq) return { seq, why: `record ${seq} is missing` };
    if (!Buffer.from(row.prev).equals(prev)) return { seq, why: `record ${seq} does not follow its predecessor` };
    if (!chainHash(prev, row.body).equals(row.hash)) return { seq, why: `record ${seq} was changed` };
    prev = row.hash;
  }
  return undefined;
}
