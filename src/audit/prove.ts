import type { LedgerReader } from "../store/index.ts";
import { leafOf } from "./pruned-record.ts";
import { takeTurn } from "./search/index.ts";
import { newestCheckpoint } from "./checkpoints/index.ts";
import { consistencySpans, createCompactRange, createSpanReader, createSpanRoots, inclusionSpans } from "./tree/index.ts";

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

/** The newest signed tree in which a record is, and the way from the record to its root. */
export interface SignedProof {
  readonly leaf: string;
  readonly size: number;
  readonly root: string;
  readonly path: readonly string[];
  /** The signed text (C2SP signed-note); null when the records no longer give the root that it signs: verify the ledger. */
  readonly note: string | null;
}

export interface Prover {
  /** In the tree of all records there are now; undefined when there is no such record. */
  prove(seq: number): Promise<InclusionProof | undefined>;
  /** In the tree of the newest checkpoint; undefined while none covers the record. */
  proveSigned(seq: number): Promise<SignedProof | undefined>;
}

/** Proves records; the first proof reads the whole ledger, later ones about a thousand records. `block` as of `createSpanReader`. */
export function createProver(store: Pick<LedgerReader, "head" | "read" | "scan">, block?: number): Prover {
  const spans = createSpanReader(async ({ start, end }) => {
    await takeTurn();
    const rows = await store.read(start, end - start);
    return rows.every(({ seq }, i) => seq === start + 1 + i) ? rows.map(({ body }) => leafOf(body)) : [];
  }, block);

  async function pathIn(seq: number, size: number) {
    if (!(seq >= 1 && seq <= size)) return undefined;
    const path: string[] = [];
    for (const span of inclusionSpans(seq - 1, size)) {
      const root = await spans.rootOf(span);
      if (root === undefined) return undefined;
      path.push(hex(root));
    }
    const root = await spans.rootOf({ start: 0, end: size });
    const [row] = await store.read(seq - 1, 1);
    return root === undefined || row?.seq !== seq ? undefined : { root: hex(root), path, leaf: hex(leafOf(row.body)), body: row.body };
  }

  return {
    async prove(seq) {
      const size = (await store.head())?.seq ?? 0;
      const found = await pathIn(seq, size);
      if (found === undefined) return undefined;
      const { root, path: proof, leaf, body } = found;
      return { seq, leaf_index: seq - 1, tree_size: size, root, leaf_hash: leaf, proof, body };
    },
    async proveSigned(seq) {
      const checkpoint = await newestCheckpoint(store);
      const size = checkpoint?.size ?? 0;
      const found = await pathIn(seq, size);
      if (checkpoint === undefined || found === undefined) return undefined;
      const { leaf, path, root } = found;
      return { leaf, size, root, path, note: root === checkpoint.root ? checkpoint.note : null };
    },
  };
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
