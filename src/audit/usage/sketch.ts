/**
 * How values are spread, in buckets whose width grows with the value, so that every quantile is told with at most 2.25 % of error (DDSketch,
 * VLDB 2019 §2.1). A value counts in whole units: microseconds, bytes.
 */
export interface Sketch {
  /** Bucket of the first count. */
  first: number;
  /** Counts of the buckets from there on. */
  counts: number[];
}

const ERROR = 0.0225;
const GAMMA = (1 + ERROR) / (1 - ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Beyond this all is one bucket: 30 hours in microseconds, 100 GB in bytes. */
const MAX_VALUE = 1.1e11;

export function createSketch(): Sketch {
  return { first: 0, counts: [] };
}

export function addValue(sketch: Sketch, value: number): void {
  addCount(sketch, bucketOf(value), 1);
}

/** Bucket 0 is for what is less than 1. */
function bucketOf(value: number): number {
  return value < 1 ? 0 : Math.ceil(Math.log(Math.min(value, MAX_VALUE)) / LOG_GAMMA) + 1;
}

/** The value in a bucket from which every other in it differs by the error at most. */
function valueOf(bucket: number): number {
  return bucket === 0 ? 0 : (2 * GAMMA ** (bucket - 1)) / (GAMMA + 1);
}

export function addCount(sketch: Sketch, bucket: number, count: number): void {
  const { counts } = sketch;
  if (counts.length === 0) sketch.first = bucket;
  while (bucket < sketch.first) {
    counts.unshift(0);
    sketch.first--;
  }
  const at = bucket - sketch.first;
  while (counts.length <= at) counts.push(0);
  counts[at] = (counts[at] ?? 0) + count;
}

export function addSketch(into: Sketch, { first, counts }: Sketch): void {
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count > 0) addCount(into, first + i, count);
  }
}

/** The value that a share of the values, such as 0.95, does not exceed; undefined when there are no values. */
export function quantileOf({ first, counts }: Sketch, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let rank = Math.max(1, Math.ceil(share * total));
  for (let i = 0; i < counts.length; i++) {
    rank -= counts[i] ?? 0;
    if (rank <= 0) return valueOf(first + i);
  }
  return undefined;
}
