import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chainRows, findBreak, GENESIS } from "../../../src/audit/chain.ts";
import { createSigner, openAudit, openCheckpoints, openLedger, openRetention } from "../../../src/audit/index.ts";
import { isConsistent, isIncluded, leafHash } from "../../../src/audit/tree/index.ts";
import { openStore, type LedgerStore } from "../../../src/store/index.ts";
import { ENGINES, type Place } from "../../store/support/engines.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const signer = createSigner("remit/ledger/main", Buffer.alloc(32, 7));
const log = { error: (given: unknown) => assert.fail(String(given)) };
const bytes = (hex: string) => Buffer.from(hex, "hex");

const bodyAt = (day: number, i: number) =>
  JSON.stringify({ v: 1, kind: "call", at: START + day * DAY_MS + i, decision: `dec_${day}_${i}`, agent: "cl_a", workspace: "wks_a" });

/** A chain of ten days with ten calls each, and what keeps it. */
async function openChain(records: LedgerStore) {
  const clock = { at: START + 10 * DAY_MS };
  const now = () => clock.at;
  const ledger = await openLedger(records);
  const checkpoints = await openCheckpoints({ ledger, records, signer, now, log });
  for (let day = 0; day < 10; day++) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => ledger.append({ kind: "call", ref: null, body: bodyAt(day, i) })));
    if (day % 3 === 0) await checkpoints.sign();
  }
  const open = (days?: number) => openRetention({ ledger, records, checkpoints, now, log, days });
  return { clock, ledger, checkpoints, open };
}

for (const engine of ENGINES) {
  describe(`retention on ${engine.name}`, () => {
    let place: Place;
    before(async () => {
      place = await engine.createPlace();
    });
    after(() => place.remove());
    let chains = 0;
    async function withChain(
      body: (chain: Awaited<ReturnType<typeof openChain>>, records: LedgerStore, options: Place["options"]) => Promise<void>,
    ) {
      const options = { ...place.options, nodeId: `kept${++chains}` };
      const store = await openStore(options);
      try {
        const records = await store.openLedger();
        const chain = await openChain(records);
        await body(chain, records, options);
        await chain.checkpoints.close();
        await chain.ledger.close();
      } finally {
        await store.close();
      }
    }

    test("old records lose their text, it is on record before, and root, checkpoints and proofs hold as they did", async () => {
      await withChain(async ({ open }, records, options) => {
        const audit = await openAudit(options);
        const before = await audit.verify({ key: signer.verifierKey });
        const noted = { records: before.records, root: before.root ?? assert.fail() };
        const retention = await open();
        const done = await retention.prune(START + 5 * DAY_MS);
        assert.deepEqual(done, { from: 1, through: 52 });
        assert.equal(await retention.prune(START + 5 * DAY_MS), undefined);
        const all = await records.read(0, 1000);
        const gone = all.filter(({ body }) => body.startsWith('{"pruned"'));
        assert.equal(gone.length, 50);
        assert.ok(gone.every(({ body, seq }) => !body.includes("dec_") && seq <= 52));
        const verified = await audit.verify({ key: signer.verifierKey, known: [noted] });
        assert.deepEqual([verified.ok, verified.why], [true, null]);
        const kept = (await audit.prove(60)) ?? assert.fail();
        const tree = { size: kept.tree_size, root: bytes(kept.root) };
        assert.ok(isIncluded({ index: 59, leaf: leafHash(kept.body) }, tree, kept.proof.map(bytes)));
        const goesOn = (await audit.proveConsistency(noted.records)) ?? assert.fail();
        assert.equal(goesOn.old_root, noted.root);
        assert.ok(isConsistent({ size: noted.records, root: bytes(noted.root) }, tree, goesOn.proof.map(bytes)));
        const event = all.find(({ body }) => body.includes('"event":"ledger.pruned"')) ?? assert.fail();
        assert.deepEqual(JSON.parse(event.body), {
          v: 1,
          kind: "event",
          at: START + 10 * DAY_MS,
          event: "ledger.pruned",
          from: 1,
          through: 52,
          before: START + 5 * DAY_MS,
        });
        await retention.close();
        await audit.close();
      });
    });

    test("T73: a text that was removed without a retention on record, or after its end, is named", async () => {
      await withChain(async ({ open }, records, options) => {
        const retention = await open();
        await retention.prune(START + 2 * DAY_MS);
        await retention.close();
        const row = (await records.read(69, 1))[0] ?? assert.fail();
        await records.prune([{ seq: 70, body: `{"pruned":"${Buffer.from(leafHash(row.body)).toString("hex")}","kind":"call"}` }]);
        const audit = await openAudit(options);
        for (const key of [undefined, signer.verifierKey]) {
          const verified = await audit.verify({ key });
          assert.deepEqual(
            [verified.ok, verified.first_bad, verified.why],
            [false, 70, "the text of record 70 was removed, and no retention on record says so"],
          );
        }
        await audit.close();
      });
    });

    test("T73: a retention that was put on record without a signature over it covers nothing for whoever has the key", async () => {
      await withChain(async ({ ledger }, records, options) => {
        await ledger.append({
          kind: "event",
          ref: null,
          body: '{"v":1,"kind":"event","at":1,"event":"ledger.pruned","from":1,"through":20}',
        });
        const row = (await records.read(4, 1))[0] ?? assert.fail();
        await records.prune([{ seq: 5, body: `{"pruned":"${Buffer.from(leafHash(row.body)).toString("hex")}","kind":"call"}` }]);
        const audit = await openAudit(options);
        assert.equal((await audit.verify()).ok, true);
        assert.equal((await audit.verify({ key: signer.verifierKey })).first_bad, 5);
        await audit.close();
      });
    });

    test("a run that was cut off is finished at the next start, and a setting prunes by itself", async () => {
      await withChain(async ({ open, ledger, checkpoints }, records) => {
        await ledger.append({
          kind: "event",
          ref: null,
          body: '{"v":1,"kind":"event","at":1,"event":"ledger.pruned","from":1,"through":20}',
        });
        await checkpoints.sign();
        const retention = await open(3);
        await retention.prune(0);
        const gone = (await records.read(0, 1000)).filter(({ body }) => body.startsWith('{"pruned"')).map(({ seq }) => seq);
        assert.equal(gone.length, 70);
        await retention.close();
      });
    });
  });
}

test("T73: what stands beside the text, by which records are found, must say what the text says", () => {
  const head = { seq: 0, hash: GENESIS };
  const rows = chainRows(head, [
    { kind: "intent", ref: "dec_1", body: '{"v":1,"kind":"intent","decision":"dec_1"}' },
    { kind: "outcome", ref: "dec_1", body: '{"v":1,"kind":"outcome","decision":"dec_1"}' },
    { kind: "call", ref: null, body: '{"v":1,"kind":"call","decision":"dec_2"}' },
  ]);
  assert.equal(findBreak(rows, head), undefined);
  const [intent, outcome, call] = rows;
  assert.ok(intent !== undefined && outcome !== undefined && call !== undefined);
  const bent = [
    [1, { ...intent, kind: "call", ref: null }],
    [1, { ...intent, ref: "dec_2" }],
    [2, { ...outcome, kind: "intent" }],
    [2, { ...outcome, ref: null }],
    [3, { ...call, ref: "dec_2" }],
  ] as const;
  for (const [seq, row] of bent) assert.equal(findBreak(rows.with(seq - 1, row), head)?.seq, seq);
});
