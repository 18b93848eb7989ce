import type { LedgerRow, LedgerStore } from "../store/index.ts";
import { findBreak, GENESIS } from "./chain.ts";
import { createCompactRange, leafHash } from "./tree/index.ts";

/** The result of a verification. `first_bad` is the sequence number of the first record that does not fit, or null. */
export interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly first_bad: number | null;
  readonly why: string | null;
  /** Hash of the newest record, hex; compare it with one noted elsewhere to see that no tail was cut off. */
  readonly head: string;
  /** Root of the Merkle tree over all records, hex; null when the chain is broken. Proofs of single records lead to it. */
  readonly root: string | null;
}

const PAGE = 5000;

/** Reads the whole chain and recomputes every hash. */
export async function verifyLedger(store: Pick<LedgerStore, "read">): Promise<Verification> {
  let at: Pick<LedgerRow, "seq" | "hash"> = { seq: 0, hash: GENESIS };
  const tree = createCompactRange();
  for (;;) {
    const rows = await store.read(at.seq, PAGE);
    const broken = findBreak(rows, at);
    const last = rows.at(-1);
    if (broken !== undefined) return result(at.seq + rows.length, broken, last ?? at);
    if (last === undefined) return { ...result(at.seq, undefined, at), root: Buffer.from(tree.root()).toString("hex") };
    for (const { body } of rows) tree.push(leafHash(body));
    at = last;
  }
}

function result(
  records: number,
  broken: { readonly seq: number; readonly why: string } | undefined,
  head: Pick<LedgerRow, "hash">,
): Verification {
  return {
    ok: broken === undefined,
    records,
    first_bad: broken?.seq ?? null,
    why: broken?.why ?? null,
    head: Buffer.from(head.hash).toString("hex"),
    root: null,
  };
}
