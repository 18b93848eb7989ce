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

/** A root that somebody noted earlier, and how many records there were; hex. */
export interface KnownRoot {
  readonly records: number;
  readonly root: string;
}

/**
 * Reads the whole chain and recomputes every hash. With a root that was noted earlier it also finds an end that was cut off, and a chain that
 * was written anew as a whole.
 */
export async function verifyLedger(store: Pick<LedgerStore, "read">, known?: KnownRoot): Promise<Verification> {
  let at: Pick<LedgerRow, "seq" | "hash"> = { seq: 0, hash: GENESIS };
  const tree = createCompactRange();
  const rootNow = () => Buffer.from(tree.root()).toString("hex");
  let knownNow: string | undefined;
  for (;;) {
    const rows = await store.read(at.seq, PAGE);
    const broken = findBreak(rows, at);
    const last = rows.at(-1);
    if (broken !== undefined) return result(at.seq + rows.length, broken, last ?? at);
    if (last === undefined) break;
    for (const { seq, body } of rows) {
      tree.push(leafHash(body));
      if (seq === known?.records) knownNow = rootNow();
    }
    at = last;
  }
  if (known !== undefined && knownNow !== known.root) {
    const isCut = at.seq < known.records;
    if (isCut) return result(at.seq, { seq: at.seq + 1, why: `record ${at.seq + 1} is missing: the end was cut off` }, at);
    return { ...result(at.seq, undefined, at), ok: false, why: `the first ${known.records} records are not those of the noted root` };
  }
  return { ...result(at.seq, undefined, at), root: rootNow() };
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
