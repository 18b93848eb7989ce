/** Counts durations in buckets that are 1/64 of a power of two wide, so a percentile is exact to 1.6%. */
export interface Histogram {
  add(ms: number): void;
  count(): number;
  /** The duration in milliseconds that `share` (0 to 1) of all stayed at or below; NaN when there is none. */
  percentile(share: number): number;
}

const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;

export function createHistogram(): Histogram {
  const counts = new Uint32Array(SUB * (32 - SUB_BITS));
  let total = 0;
  return {
    add(ms) {
      const us = Math.min(Math.max(Math.round(ms * 1000), 0), 2 ** 31 - 1);
      const index = bucketOf(us);
      counts[index] = (counts[index] ?? 0) + 1;
      total++;
    },
    count: () => total,
    percentile(share) {
      let seen = 0;
      for (let index = 0; index < counts.length; index++) {
        seen += counts[index] ?? 0;
        if (seen > 0 && seen >= share * total) return highestOf(index) / 1000;
      }
      return Number.NaN;
    },
  };
}

/** Below 64 a bucket is 1 µs wide; above, the six bits after the leading one choose it. */
function bucketOf(us: number): number {
  const shift = Math.max(0, 31 - Math.clz32(us) - SUB_BITS);
  return (shift << SUB_BITS) + (us >>> shift);
}

function highestOf(index: number): number {
  const shift = Math.max(0, (index >>> SUB_BITS) - 1);
  return ((index - (shift << SUB_BITS) + 1) << shift) - 1;
}
