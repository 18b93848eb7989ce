import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addPacked } from "../../../src/audit/usage/add-packed.ts";
import { tallyOf, unpack, type Tallies } from "../../../src/audit/usage/packed.ts";
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

type Entries = readonly (readonly [texts: readonly [string, string], calls: readonly (readonly [number, number | null])[]])[];

function talliesOf(entries: Entries): Tallies {
  const tallies: Tallies = new Map();
  for (const [texts, calls] of entries) addTally(tallyOf(tallies, texts), tallyOfCalls(calls));
  return tallies;
}

const OTHER = ["(other)", "(other)"] as const;

function packed(...additions: readonly Entries[]): Uint8Array {
  let present: Uint8Array | undefined;
  for (const entries of additions) present = addPacked(present, { tallies: talliesOf(entries), startAt: START, fold: () => OTHER });
  return present ?? assert.fail();
}

function unpacked(bytes: Uint8Array): Tallies {
  const tallies: Tallies = new Map();
  unpack({ packed: bytes, startAt: START, wanted: [] }, (texts) => tallyOf(tallies, texts));
  return tallies;
}

test("what is packed, one addition after the other, comes out as the sum, whatever its texts and numbers", () => {
  const entries = fc.array(entry, { maxLength: 20 });
  fc.assert(
    fc.property(entries, entries, entries, (a, b, c) => {
      assert.deepEqual(toPlain(unpacked(packed(a, b, c))), toPlain(talliesOf([...a, ...b, ...c])));
    }),
  );
});

test("only what is wanted is unpacked", () => {
  const bytes = packed([
    [["look", "ok"], [[1000, 10]]],
    [["look", "refused"], [[10, null]]],
    [["list", "ok"], [[20, 5]]],
  ]);
  const seen = (wanted: readonly { readonly at: number; readonly text: string }[]) => {
    const texts: string[] = [];
    unpack({ packed: bytes, startAt: START, wanted }, (its, calls) => void texts.push(`${its.join(" ")} ${calls}`));
    return texts;
  };
  assert.deepEqual(seen([{ at: 0, text: "look" }]), ["look ok 1", "look refused 1"]);
  assert.deepEqual(
    seen([
      { at: 1, text: "ok" },
      { at: 0, text: "list" },
    ]),
    ["list ok 1"],
  );
  assert.deepEqual(seen([{ at: 0, text: "nothing" }]), []);
});

test("a full roll-up goes on to count what it knows, and all that is new together", () => {
  const many = Array.from({ length: 5000 }, (_, i) => [[`user_${i}`, "ok"], [[1000, 10]]] as const);
  const full = unpacked(packed(many, many));
  assert.equal(full.size, 4001);
  assert.equal(full.get("user_3\u0000ok")?.tally.calls, 2);
  assert.equal(full.get(OTHER.join("\u0000"))?.tally.calls, 2000);
});

/** In the order of their texts, with sketches as they are after an addition. */
function toPlain(tallies: Tallies) {
  return [...tallies.values()]
    .map(({ texts, tally }) => {
      const sum = createTally();
      addTally(sum, tally);
      return { texts, sum };
    })
    .toSorted((a, b) => (JSON.stringify(a.texts) < JSON.stringify(b.texts) ? -1 : 1));
}
