import { createHash } from "node:crypto";
import { nodeHash } from "./hashes.ts";

/** The tree over the leaves that were pushed, in as many hashes as its size has bits. */
export interface CompactRange {
  push(leaf: Uint8Array): void;
  size(): number;
  /** Roots of the perfect subtrees, the largest first: with the size they are all that a range is. */
  peaks(): readonly Uint8Array[];
  /** The Merkle tree hash (RFC 6962 §2.1); that of the empty tree is the hash of nothing. */
  root(): Uint8Array;
}

/** Of no leaves, or one that goes on from another's size and peaks. */
export function createCompactRange(from?: { readonly size: number; readonly peaks: readonly Uint8Array[] }): CompactRange {
  // Roots of perfect subtrees, the largest first: one for each bit of the size.
  const peaks: Uint8Array[] = [...(from?.peaks ?? [])];
  let count = from?.size ?? 0;
  return {
    push(leaf) {
      let node = leaf;
      for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const left = peaks.pop();
        if (left !== undefined) node = nodeHash(left, node);
      }
      peaks.push(node);
      count++;
    },
    size: () => count,
    peaks: () => [...peaks],
    root() {
      if (peaks.length === 0) return createHash("sha256").digest();
      return peaks.reduceRight((right, left) => nodeHash(left, right));
    },
  };
}
