import { createCompactRange } from "./compact-range.ts";

/** The leaves from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The subtrees whose roots are the inclusion proof of a leaf, in the order of the proof (RFC 6962 §2.1.1). `index` counts from 0. */
export function inclusionSpans(index: number, size: number): readonly Span[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`a tree of ${size} has no leaf ${index}`);
  const spans: Span[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    spans.push(index < middle ? { start: middle, end } : { start, end: middle });
    [start, end] = index < middle ? [start, middle] : [middle, end];
  }
  return spans.reverse();
}

/** The subtrees whose roots are the proof that a tree of `size` goes on from one of `oldSize`, in the order of the proof (RFC 6962 §2.1.2). */
export function consistencySpans(oldSize: number, size: number): readonly Span[] {
  if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError(`a tree of ${size} does not go on from one of ${oldSize}`);
  if (oldSize === 0 || oldSize === size) return [];
  const spans: Span[] = [];
  let [start, end] = [0, size];
  while (end !== oldSize) {
    const middle = start + splitOf(end - start);
    spans.push(oldSize <= middle ? { start: middle, end } : { start, end: middle });
    [start, end] = oldSize <= middle ? [start, middle] : [middle, end];
  }
  // The old tree itself is known to whoever checks; a part of it is not.
  if (start > 0) spans.push({ start, end });
  return spans.reverse();
}

/** Collects the roots of spans while the leaves of a tree pass by once, in order. */
export function createSpanRoots(spans: readonly Span[]) {
  const ranges = spans.map((span) => ({ span, range: createCompactRange() }));
  let index = 0;
  return {
    push(leaf: Uint8Array): void {
      for (const { span, range } of ranges) if (index >= span.start && index < span.end) range.push(leaf);
      index++;
    },
    /** In the order in which the spans came. */
    roots: (): readonly Uint8Array[] => ranges.map(({ range }) => range.root()),
  };
}

/** The largest power of two below `count`, which is at least 2. */
export function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
