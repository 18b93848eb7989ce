import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import {
  consistencySpans,
  createCompactRange,
  createSpanRoots,
  inclusionSpans,
  isConsistent,
  isIncluded,
  leafHash,
} from "../../../src/audit/tree/index.ts";

const MAX_SIZE = 40;
const bodies = Array.from({ length: MAX_SIZE }, (_, i) => `{"n":${i},"s":"ä"}`);
const leaves = bodies.map((body) => leafHash(body));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

function headOf(size: number) {
  const range = createCompactRange();
  for (const leaf of leaves.slice(0, size)) range.push(leaf);
  return { size, root: range.root() };
}

function rootsOf(spans: ReturnType<typeof inclusionSpans>, size: number) {
  const roots = createSpanRoots(spans);
  for (const leaf of leaves.slice(0, size)) roots.push(leaf);
  return roots.roots();
}

const inclusions = Array.from({ length: MAX_SIZE }, (_, i) => i + 1).flatMap((size) =>
  Array.from({ length: size }, (_, index) => ({ size, index, proof: rootsOf(inclusionSpans(index, size), size) })),
);
const extensions = Array.from({ length: MAX_SIZE }, (_, i) => i + 1).flatMap((size) =>
  Array.from({ length: size }, (_, i) => ({ size, old: i + 1, proof: rootsOf(consistencySpans(i + 1, size), size) })),
);

function leafAt(index: number): Uint8Array {
  return leaves[index] ?? assert.fail(`no leaf ${index}`);
}

test("T73: each record is proved in each tree, and nowhere else", () => {
  for (const { size, index, proof } of inclusions) {
    const head = headOf(size);
    assert.ok(isIncluded({ index, leaf: leafAt(index) }, head, proof), `${index} of ${size}`);
    for (let other = 0; other < size; other++)
      if (other !== index) assert.ok(!isIncluded({ index: other, leaf: leafAt(index) }, head, proof), `${index} as ${other} of ${size}`);
  }
});

test("T73: each tree is proved to go on from each older one, and from no other", () => {
  for (const { size, old, proof } of extensions) {
    assert.ok(isConsistent(headOf(old), headOf(size), proof), `${old} to ${size}`);
    if (old < size)
      assert.ok(!isConsistent({ size: old, root: leafAt(0).map((byte) => byte ^ 1) }, headOf(size), proof), `${old} to ${size}`);
  }
});

test("T73: no proof survives a change of one byte, a hash too many or one too few", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...inclusions.filter(({ proof }) => proof.length > 0)),
      fc.nat(),
      fc.integer({ min: 0, max: 31 }),
      (made, pick, byte) => {
        const { size, index, proof } = made;
        const at = pick % proof.length;
        const bent = proof.map((hash, i) => (i === at ? hash.map((value, j) => (j === byte ? value ^ 1 : value)) : hash));
        for (const wrong of [bent, proof.slice(1), [...proof, leafAt(0)]])
          assert.ok(!isIncluded({ index, leaf: leafAt(index) }, headOf(size), wrong));
      },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...extensions.filter(({ proof }) => proof.length > 0)), fc.nat(), (made, pick) => {
      const at = pick % made.proof.length;
      const bent = made.proof.map((hash, i) => (i === at ? hash.map((value, j) => (j === 0 ? value ^ 1 : value)) : hash));
      for (const wrong of [bent, made.proof.slice(1), [...made.proof, leafAt(0)]])
        assert.ok(!isConsistent(headOf(made.old), headOf(made.size), wrong), `${made.old} to ${made.size}`);
    }),
  );
});

test("T73: roots and proofs are those that an independent implementation computes", { skip: !hasPython && "python3 is absent" }, () => {
  const toHex = (hash: Uint8Array) => Buffer.from(hash).toString("hex");
  const common = (size: number) => ({ bodies: bodies.slice(0, size), root: toHex(headOf(size).root) });
  const cases = [
    ...inclusions.map(({ size, index, proof }) => ({ ...common(size), index, proof: proof.map(toHex) })),
    ...extensions.map(({ size, old, proof }) => ({ ...common(size), old, proof: proof.map(toHex) })),
  ];
  const input = cases.map((each) => JSON.stringify(each)).join("\n");
  const { stdout } = spawnSync("python3", [`${import.meta.dirname}/check_proof.py`], { input, encoding: "utf8" });
  assert.deepEqual(
    stdout.trim().split("\n"),
    cases.map(() => "True"),
  );
});
