import { createCompactRange } from "./compact-range.ts";
import { nodeHash } from "./hashes.ts";
import { splitOf, type Span } from "./spans.ts";

/** Roots of parts of a tree whose leaves are read when they are asked for. */
export interface SpanReader {
  /** Of a span that a proof asks for, or of the whole tree. Undefined when not all of its leaves are there. */
  rootOf(span: Span): Promise<Uint8Array | undefined>;
}

const BLOCK = 1024;

/**
 * Leaves never change, so the roots of whole blocks are kept: the first root of a tree reads all of it, the next ones read what is not in whole
 * blocks. `leaves` gives those of a span in order. `block` is a power of two.
 */
export function createSpanReader(leaves: (span: Span) => Promise<readonly Uint8Array[]>, block = BLOCK): SpanReader {
  const kept = new Map<number, Uint8Array>();

  async function readRoot(span: Span): Promise<Uint8Array | undefined> {
    const range = createCompactRange();
    for (const leaf of await leaves(span)) range.push(leaf);
    return range.size() === span.end - span.start ? range.root() : undefined;
  }

  async function blockRoot(span: Span): Promise<Uint8Array | undefined> {
    const root = kept.get(span.start) ?? (await readRoot(span));
    if (root !== undefined) kept.set(span.start, root);
    return root;
  }

  async function rootOf(span: Span): Promise<Uint8Array | undefined> {
    const { start, end } = span;
    if (end - start === block && start % block === 0) return blockRoot(span);
    if (end - start <= block) return readRoot(span);
    const middle = start + splitOf(end - start);
    const left = await rootOf({ start, end: middle });
    const right = left === undefined ? undefined : await rootOf({ start: middle, end });
    return left === undefined || right === undefined ? undefined : nodeHash(left, right);
  }

  return { rootOf };
}
