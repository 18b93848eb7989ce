import { addSketch, createSketch, type Sketch } from "./sketch.ts";

/** Calls that are counted together. */
export interface Tally {
  calls: number;
  /** Epoch milliseconds of the newest. */
  lastAt: number;
  /** Microseconds, all together. */
  durationUs: number;
  /** Of those that had a result: how many, and its bytes together. */
  results: number;
  bytes: number;
  readonly durations: Sketch;
  readonly sizes: Sketch;
}

export function createTally(): Tally {
  return { calls: 0, lastAt: 0, durationUs: 0, results: 0, bytes: 0, durations: createSketch(), sizes: createSketch() };
}

export function addTally(into: Tally, from: Tally): void {
  into.calls += from.calls;
  into.lastAt = Math.max(into.lastAt, from.lastAt);
  into.durationUs += from.durationUs;
  into.results += from.results;
  into.bytes += from.bytes;
  addSketch(into.durations, from.durations);
  addSketch(into.sizes, from.sizes);
}
