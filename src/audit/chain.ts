import { hash } from "node:crypto";
import type { LedgerRow } from "../store/index.ts";
import type { FollowedRow } from "./call-fact.ts";
import type { LedgerEntry } from "./ledger.ts";
import { leafOf } from "./pruned-record.ts";

/** The `prev` of the first record. */
export const GENESIS: Uint8Array = new Uint8Array(32);

const HASH_BYTES = 32;
const LEAF = "\u0000";
const link = Buffer.alloc(1 + 2 * HASH_BYTES);
link[0] = 1;

/**
 * The hash of a record in hex: SHA-256 over 0x01, the previous record's hash and the leaf hash of the body; the leaf hash is SHA-256 over
 * 0x00 and the body (RFC 6962 §2.1). The body enters through its leaf hash only, so it can be pruned later without breaking the chain.
 */
function chainHash(prev: Uint8Array, leafHex: string): string {
  link.set(prev, 1);
  // Hex and one buffer for all calls: a small buffer per hash costs the collector more than the hash itself.
  link.write(leafHex, 1 + HASH_BYTES, "hex");
  return hash("sha256", link, "hex");
}

/** What a chain ends with. */
export type Head = Pick<LedgerRow, "seq" | "hash">;

/** Rows for entries that follow `head`, in order. */
export function chainRows(head: Head, entries: readonly LedgerEntry[]): FollowedRow[] {
  const hashes = Buffer.allocUnsafeSlow((2 * entries.length + 1) * HASH_BYTES);
  hashes.set(head.hash, 0);
  let { seq } = head;
  let prev = hashes.subarray(0, HASH_BYTES);
  return entries.map(({ kind, ref, body, fact }, i) => {
    const at = (2 * i + 1) * HASH_BYTES;
    const leafInput = LEAF + body;
    const leafHex = hash("sha256", leafInput, "hex");
    hashes.write(leafHex, at, "hex");
    hashes.write(chainHash(prev, leafHex), at + HASH_BYTES, "hex");
    const leaf = hashes.subarray(at, at + HASH_BYTES);
    const own = hashes.subarray(at + HASH_BYTES, at + 2 * HASH_BYTES);
    // The body was put together of many pieces; behind the mark of the leaf it is one by now, and is copied as one from here on.
    const row = { seq: ++seq, prev, hash: own, kind, ref, body: leafInput.slice(LEAF.length), leaf, fact };
    prev = row.hash;
    return row;
  });
}

/** The first row that does not follow from its predecessor, or undefined. `from` is what came before the rows. */
export function findBreak(rows: readonly LedgerRow[], from: Head): { readonly seq: number; readonly why: string } | undefined {
  let { seq, hash: prev } = from;
  for (const row of rows) {
    seq++;
    if (row.seq !== seq) return { seq, why: `record ${seq} is missing` };
    if (!Buffer.from(row.prev).equals(prev)) return { seq, why: `record ${seq} does not follow its predecessor` };
    const leafHex = Buffer.from(leafOf(row.body)).toString("hex");
    if (chainHash(prev, leafHex) !== Buffer.from(row.hash).toString("hex")) return { seq, why: `record ${seq} was changed` };
    if (!isFitting(row)) return { seq, why: `record ${seq} was changed: its kind or what it refers to is not what its text says` };
    prev = row.hash;
  }
  return undefined;
}

const KIND = /^\{"v":1,"kind":"([a-z]+)"/;

/** Whether the columns beside the text, by which records are found, say what the text says; only the text is hashed. */
function isFitting({ kind, ref, body }: LedgerRow): boolean {
  const said = KIND.exec(body)?.[1];
  if (said === undefined) return true;
  if (said !== kind) return false;
  return kind === "intent" || kind === "outcome" ? ref !== null && body.includes(`"decision":"${ref}"`) : ref === null;
}
