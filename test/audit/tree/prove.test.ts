import assert from "node:assert/strict";
import { test } from "node:test";
import { chainRows, GENESIS } from "../../../src/audit/chain.ts";
import { verifyLedger } from "../../../src/audit/index.ts";
import { createProver } from "../../../src/audit/prove.ts";
import { isIncluded, leafHash } from "../../../src/audit/tree/index.ts";
import type { LedgerRow } from "../../../src/store/index.ts";

const COUNT = 23;
const entries = Array.from({ length: COUNT }, (_, i) => ({ kind: "event" as const, ref: null, body: `{"v":1,"kind":"event","n":${i}}` }));
const rows = chainRows({ seq: 0, hash: GENESIS }, entries);

function storeOf(kept: readonly LedgerRow[]) {
  return {
    head: () => Promise.resolve(kept.at(-1)),
    read: (after: number, limit: number) => Promise.resolve(kept.filter(({ seq }) => seq > after).slice(0, limit)),
    scan: ({ contains, upTo }: { readonly contains: readonly string[]; readonly upTo: number }, limit: number) =>
      Promise.resolve(
        kept
          .filter(({ seq, body }) => seq <= upTo && contains.every((text) => body.includes(text)))
          .toReversed()
          .slice(0, limit),
      ),
  };
}

const fromHex = (hash: string) => Buffer.from(hash, "hex");

test("T73: the proof of each record leads from its body to the root that a verification prints", async () => {
  const { root } = await verifyLedger(storeOf(rows));
  // The roots of whole blocks of four are kept, so that later proofs come by them.
  const prover = createProver(storeOf(rows), 4);
  for (const { seq, body } of rows) {
    const made = (await prover.prove(seq)) ?? assert.fail(`record ${seq} is not proved`);
    assert.equal(made.root, root);
    assert.equal(made.body, body);
    const place = { index: made.leaf_index, leaf: leafHash(made.body) };
    const head = { size: made.tree_size, root: fromHex(made.root) };
    assert.ok(isIncluded(place, head, made.proof.map(fromHex)), `record ${seq}`);
    const changed = { ...place, leaf: leafHash(`${made.body} `) };
    assert.ok(!isIncluded(changed, head, made.proof.map(fromHex)), `record ${seq} changed`);
  }
});

test("what is not on record is not proved", async () => {
  for (const seq of [0, -1, COUNT + 1, Number.NaN]) assert.equal(await createProver(storeOf(rows), 4).prove(seq), undefined);
  // Nor is anything where a record is missing, before it or after it.
  const gap = createProver(storeOf(rows.toSpliced(9, 1)), 4);
  for (const seq of [2, 10, 11, COUNT]) assert.equal(await gap.prove(seq), undefined);
});

test("T73: one byte changed in any record is found by its number, and two records that change places too", async () => {
  for (const [i, row] of rows.entries()) {
    const at = (i * 7) % row.body.length;
    const bent = row.body.slice(0, at) + String.fromCharCode(row.body.charCodeAt(at) ^ 1) + row.body.slice(at + 1);
    const changed = await verifyLedger(storeOf(rows.with(i, { ...row, body: bent })));
    assert.deepEqual([changed.ok, changed.first_bad, changed.root], [false, row.seq, null]);
    const next = rows[i + 1];
    if (next === undefined) continue;
    const moved = rows.with(i, { ...next, seq: row.seq }).with(i + 1, { ...row, seq: next.seq });
    assert.deepEqual((await verifyLedger(storeOf(moved))).first_bad, row.seq);
    assert.deepEqual((await verifyLedger(storeOf(rows.toSpliced(i, 1)))).first_bad, row.seq);
  }
});

test("T73: an end that was cut off, and a chain written anew, do not go on from a root that was noted", async () => {
  const noted = await verifyLedger(storeOf(rows.slice(0, 15)));
  const known = { records: 15, root: noted.root ?? assert.fail("no root") };
  assert.equal((await verifyLedger(storeOf(rows), [known])).ok, true);
  for (let kept = 0; kept < 15; kept++) {
    const cut = await verifyLedger(storeOf(rows.slice(0, kept)), [known]);
    assert.deepEqual([cut.ok, cut.first_bad, cut.root], [false, kept + 1, null]);
  }
  const anew = chainRows(
    { seq: 0, hash: GENESIS },
    entries.map((entry, i) => (i === 3 ? { ...entry, body: "{}" } : entry)),
  );
  assert.equal((await verifyLedger(storeOf(anew))).ok, true);
  assert.equal((await verifyLedger(storeOf(anew), [known])).ok, false);
});
