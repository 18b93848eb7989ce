/** The Merkle tree over the records (RFC 6962 §2.1), and its proofs. */
export { isConsistent, isIncluded } from "./check-proofs.ts";
export { createCompactRange } from "./compact-range.ts";
export { leafHash } from "./hashes.ts";
export { createSpanReader } from "./span-reader.ts";
export { consistencySpans, createSpanRoots, inclusionSpans } from "./spans.ts";
