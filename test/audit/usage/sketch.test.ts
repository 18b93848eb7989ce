import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pack, unpackAll, type Tallies } from "../../../src/audit/usage/packed.ts";
import { addSketch, addValue, createSketch, quantileOf } from "../../../src/audit/usage/sketch.ts";
import { addTally, createTally, type Tally } from "../../../src/audit/usage/tally.ts";

const values = fc.array(fc.integer({ min: 0, max: 1e11 }), { minLength: 1, maxLength: 300 });
const SHARES = [0, 0.5, 0.9, 0.95, 0.99, 1];

function sketchOf(numbers: readonly number[]) {
  const sketch = createSketch();
  for (const number of numbers) addValue(sketch, number);
  return sketch;
}

test("a quantile is told with at most 2.5 % of error, over eleven orders of magnitude", () => {
  fc.assert(
    fc.property(values, (numbers) => {
      const ordered = numbers.toSorted((a, b) => a - b);
      const sketch = sketchOf(numbers);
      for (const share of SHARES) {
        const exact = ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? assert.fail();
        const told = quantileOf(sketch, share) ?? assert.fail();
        assert.ok(Math.abs(told - exact) <= 0.025 * exact, `${share}: ${told} for ${exact}`);
      }
    }),
  );
});

test("sketches that are added tell what one sketch of all values tells; one without values tells nothing", () => {
  fc.assert(
    fc.property(values, values, (some, others) => {
      const sum = sketchOf(some);
      addSketch(sum, sketchOf(others));
      for (const share of SHARES) assert.equal(quantileOf(sum, share), quantileOf(sketchOf([...some, ...others]), share));
    }),
  );
  assert.equal(quantileOf(createSketch(), 0.5), undefined);
});

const START = Date.UTC(2026, 7, 1);

/** What was counted of some calls, each with a duration and a size or none. */
function tallyOfCalls(calls: readonly (readonly [durationUs: number, bytes: number | null])[]): Tally {
  const tally = createTally();
  for (const [durationUs, bytes] of calls) {
    tally.calls++;
    tally.lastAt = START + durationUs;
    tally.durationUs += durationUs;
    addValue(tally.durations, durationUs);
    if (bytes === null) continue;
    tally.results++;
    tally.bytes += bytes;
    addValue(tally.sizes, bytes);
  }
  return tally;
}

const call = fc.tuple(fc.integer({ min: 0, max: 8e7 }), fc.option(fc.integer({ min: 0, max: 2 ** 40 })));
const entry = fc.tuple(fc.tuple(fc.string(), fc.string({ unit: "grapheme" })), fc.array(call, { minLength: 1, maxLength: 20 }));

test("what is packed comes out as it was, whatever its texts and numbers", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const tallies: Tallies = new Map(
        entries.map(([texts, calls]) => [texts.join("\u0000"), { texts, tally: tallyOfCalls(calls) }] as const),
      );
      const back = unpackAll(pack(tallies, START), START);
      assert.deepEqual(toPlain(back), toPlain(tallies));
    }),
  );
});

/** Sketches without the empty buckets at their ends. */
function toPlain(tallies: Tallies) {
  return [...tallies.values()].map(({ texts, tally }) => {
    const sum = createTally();
    addTally(sum, tally);
    return { texts, sum };
  });
}
