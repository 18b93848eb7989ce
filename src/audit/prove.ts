import type { LedgerReader } from "../store/index.ts";
import { leafOf } from "./pruned-record.ts";
import { consistencySpans, createCompactRange, createSpanRoots, inclusionSpans } from "./tree/index.ts";

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
  let found: { readonly body: string; readonly leaf: Uint8Array } | undefined;
  for await (const { seq: at, body, leaf } of leavesOf(store, size)) {
    if (at === seq) found = { body, leaf };
    siblings.push(leaf);
    whole.push(leaf);
  }
  if (found === undefined || whole.size() < size) return undefined;
  const proof = siblings.roots().map(hex);
  return { seq, leaf_index: seq - 1, tree_size: size, root: hex(whole.root()), leaf_hash: hex(found.leaf), proof, body: found.body };
}

/** That a ledger goes on from what it was, for whoever knows both roots (RFC 6962 §2.1.2). Hashes are hex. */
export interface ConsistencyProof {
  readonly old_size: number;
  readonly old_root: string;
  readonly tree_size: number;
  readonly root: string;
  readonly proof: readonly string[];
}

/** Proves that the tree of all records there are now goes on from that of the first ones; undefined when there were never so many. */
export async function proveConsistency(store: Pick<LedgerReader, "head" | "read">, oldSize: number): Promise<ConsistencyProof | undefined> {
  const size = (await store.head())?.seq ?? 0;
  if (!(oldSize >= 1 && oldSize <= size)) return undefined;
  const parts = createSpanRoots(consistencySpans(oldSize, size));
  const whole = createCompactRange();
  let oldRoot: Uint8Array | undefined;
  for await (const { leaf } of leavesOf(store, size)) {
    parts.push(leaf);
    whole.push(leaf);
    if (whole.size() === oldSize) oldRoot = whole.root();
  }
  if (oldRoot === undefined || whole.size() < size) return undefined;
  return { old_size: oldSize, old_root: hex(oldRoot), tree_size: size, root: hex(whole.root()), proof: parts.roots().map(hex) };
}

/** The first leaves of the tree, in order. */
async function* leavesOf(store: Pick<LedgerReader, "read">, size: number) {
  for (let after = 0; after < size;) {
    const rows = await store.read(after, Math.min(PAGE, size - after));
    if (rows.length === 0) return;
    for (const { seq, body } of rows) yield { seq, body, leaf: leafOf(body) };
    after += rows.length;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
