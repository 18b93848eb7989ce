import type { LedgerReader } from "../store/index.ts";
import { createCompactRange, createSpanRoots, inclusionSpans, leafHash } from "./tree/index.ts";

/** That a record is in the ledger, for whoever knows the root (RFC 6962 §2.1.1). Hashes are hex. */
export interface InclusionProof {
  readonly seq: number;
  /** Place among the leaves, from 0. */
  readonly leaf_index: number;
  readonly tree_size: number;
  readonly root: string;
  readonly leaf_hash: string;
  readonly proof: readonly string[];
  /** The record as it was hashed: one line of JSON. */
  readonly body: string;
}

const PAGE = 5000;

/** Proves a record in the tree of all records there are now; undefined when there is no such record. */
export async function proveRecord(store: Pick<LedgerReader, "head" | "read">, seq: number): Promise<InclusionProof | undefined> {
  const size = (await store.head())?.seq ?? 0;
  if (!(seq >= 1 && seq <= size)) return undefined;
  const siblings = createSpanRoots(inclusionSpans(seq - 1, size));
  const whole = createCompactRange();
  let body: string | undefined;
  let leaf: Uint8Array | undefined;
  while (whole.size() < size) {
    const rows = await store.read(whole.size(), Math.min(PAGE, size - whole.size()));
    if (rows.length === 0) break;
    for (const row of rows) {
      const hash = leafHash(row.body);
      if (row.seq === seq) [body, leaf] = [row.body, hash];
      siblings.push(hash);
      whole.push(hash);
    }
  }
  if (body === undefined || leaf === undefined || whole.size() < size) return undefined;
  const proof = siblings.roots().map(hex);
  return { seq, leaf_index: seq - 1, tree_size: size, root: hex(whole.root()), leaf_hash: hex(leaf), proof, body };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
