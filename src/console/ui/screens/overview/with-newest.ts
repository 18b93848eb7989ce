const MOST = 20;

/** The newest first, each record once; what is older than the last shown is left out. */
export function withNewest<R extends { readonly seq: number }>(now: readonly R[], more: readonly R[]): readonly R[] {
  const bySeq = new Map([...now, ...more].map((each) => [each.seq, each]));
  return [...bySeq.values()].toSorted((a, b) => b.seq - a.seq).slice(0, MOST);
}
