import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BootError } from "../../src/errors.ts";
import { openLedgerReader, openStore, type LedgerRow, type LedgerStore } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { hashOf, ledgerRows } from "./support/rows.ts";

for (const engine of ENGINES) {
  describe(`the ledger on ${engine.name}`, () => {
    let place: Place;
    before(async () => {
      place = await engine.createPlace();
    });
    after(() => place.remove());

    let chains = 0;
    /** Runs `body` on a chain of its own and closes it. */
    async function withChain(body: (ledger: LedgerStore, options: Place["options"]) => Promise<void>): Promise<void> {
      const options = { ...place.options, nodeId: `chain${++chains}` };
      const store = await openStore(options);
      try {
        await body(await store.openLedger(), options);
      } finally {
        await store.close();
      }
    }

    test("what is appended is read back in order, to the byte", async () => {
      await withChain(async (ledger) => {
        assert.equal(await ledger.head(), undefined);
        const bodies = ['{"a":"é✓😀"}', '{"q":"\\" \\\\ {x,y} NULL"}', "{}", `{"long":"${"x".repeat(100_000)}"}`];
        const rows = bodies.map((body, i): LedgerRow => ({ ...one(i + 1), ref: i === 2 ? "ref" : null, kind: `kind${i}`, body }));
        await ledger.append(rows.slice(0, 3));
        await ledger.append(rows.slice(3));
        assert.deepEqual((await ledger.read(0, 10)).map(plain), rows.map(plain));
        assert.deepEqual(
          (await ledger.read(1, 2)).map((row) => row.seq),
          [2, 3],
        );
        const head = await ledger.head();
        assert.equal(head?.seq, 4);
        assert.deepEqual(Buffer.from(head?.hash ?? []), Buffer.from(hashOf(4)));
        await ledger.append([]);
      });
    });

    test("a chain goes on where it ended before", async () => {
      await withChain(async (ledger) => ledger.append(ledgerRows(0, 2)));
      chains--;
      await withChain(async (ledger) => {
        assert.equal((await ledger.head())?.seq, 2);
        await ledger.append(ledgerRows(2, 2));
        assert.deepEqual(
          (await ledger.read(0, 10)).map((row) => row.seq),
          [1, 2, 3, 4],
        );
      });
    });

    test("batches given at once are written in the order they were given", async () => {
      await withChain(async (ledger) => {
        const batches = Array.from({ length: 20 }, (_, i) => ledger.append(ledgerRows(i * 5, 5)));
        await Promise.all(batches);
        assert.deepEqual(
          (await ledger.read(0, 1_000)).map((row) => row.seq),
          Array.from({ length: 100 }, (_, i) => i + 1),
        );
      });
    });

    const refused: readonly [string, () => LedgerRow[]][] = [
      ["leave a gap", () => ledgerRows(5, 1)],
      ["repeat a number", () => ledgerRows(1, 1)],
      ["begin again", () => ledgerRows(0, 3)],
      ["have a gap among them", () => [...ledgerRows(2, 1), ...ledgerRows(4, 1)]],
      ["have a hash of another size, after a good row", () => [...ledgerRows(2, 1), { ...one(4), hash: new Uint8Array(31) }]],
    ];
    for (const [what, rows] of refused) {
      test(`T72: rows that ${what} are refused as a whole, and the chain goes on`, async () => {
        await withChain(async (ledger) => {
          await ledger.append(ledgerRows(0, 2));
          await assert.rejects(ledger.append(rows()));
          assert.equal((await ledger.head())?.seq, 2);
          await ledger.append(ledgerRows(2, 1));
          assert.deepEqual(
            (await ledger.read(0, 10)).map((row) => row.seq),
            [1, 2, 3],
          );
        });
      });
    }

    test("a batch that follows a refused one is refused too, so that no gap can arise", async () => {
      await withChain(async (ledger) => {
        const [bad, next] = [ledger.append([{ ...one(1), hash: new Uint8Array(1) }]), ledger.append(ledgerRows(1, 1))];
        await assert.rejects(bad);
        await assert.rejects(next);
        await ledger.append(ledgerRows(0, 1));
        assert.equal((await ledger.head())?.seq, 1);
      });
    });

    test("intents without an outcome are found, in order", async () => {
      await withChain(async (ledger) => {
        const kinds = [
          ["intent", "a"],
          ["intent", "b"],
          ["outcome", "a"],
          ["call", null],
          ["intent", "c"],
          ["denial", "b"],
        ] as const;
        await ledger.append(kinds.map(([kind, ref], i) => ({ ...one(i + 1), kind, ref, body: `{"ref":"${ref}"}` })));
        assert.deepEqual(await ledger.openIntents(), ['{"ref":"b"}', '{"ref":"c"}']);
      });
    });

    test("a scan gives the rows of a range whose body has every part, in the order and number asked for", async () => {
      await withChain(async (ledger) => {
        const bodies = ['{"a":"x","b":1}', '{"a":"y","b":1}', '{"a":"x","b":2}', '{"a":"X"}', '{"a":"100%_é\'"}', '{"a":"x","b":1}'];
        const rows = bodies.map((body, i): LedgerRow => ({ ...one(i + 1), body }));
        await ledger.append(rows);
        const all = { after: 0, upTo: 6, contains: [], newestFirst: false };
        const cases = [
          [{ ...all, contains: ['"a":"x"'] }, 10, [1, 3, 6]],
          [{ ...all, contains: ['"a":"x"'], newestFirst: true }, 2, [6, 3]],
          [{ ...all, contains: ['"a":"x"', '"b":1'] }, 10, [1, 6]],
          [{ ...all, contains: ["%_é'"] }, 10, [5]],
          [{ ...all, contains: ["%"] }, 10, [5]],
          [{ ...all, contains: ["_"] }, 10, [5]],
          [{ ...all, after: 1, upTo: 3 }, 10, [2, 3]],
          [{ ...all, after: 3, upTo: 3 }, 10, []],
          [{ ...all, after: 2, upTo: 6, contains: ['"a":"x"'] }, 1, [3]],
          [{ ...all, contains: ["nowhere"] }, 10, []],
        ] as const;
        for (const [range, limit, expected] of cases) {
          const found = await ledger.scan(range, limit);
          assert.deepEqual(
            found.map(({ seq }) => seq),
            expected,
            JSON.stringify(range),
          );
        }
        const [first] = await ledger.scan(all, 1);
        assert.deepEqual(first && plain(first), rows[0] && plain(rows[0]));
      });
    });

    test("the ledger opens once, and answers nothing after it was closed", async () => {
      const store = await openStore({ ...place.options, nodeId: "once" });
      const ledger = await store.openLedger();
      assert.equal(await store.openLedger(), ledger);
      const last = ledger.append(ledgerRows(0, 3));
      await store.close();
      await last;
      await assert.rejects(ledger.append(ledgerRows(3, 1)), /closed/);
    });

    test("a reader sees the chain while a server writes it, and only that chain", async () => {
      await withChain(() => Promise.resolve());
      const empty = `chain${chains}`;
      await withChain(async (ledger, options) => {
        await ledger.append(ledgerRows(0, 3));
        const reader = await openLedgerReader(options);
        assert.equal((await reader.head())?.seq, 3);
        await ledger.append(ledgerRows(3, 2));
        assert.deepEqual(
          (await reader.read(2, 10)).map((row) => row.seq),
          [3, 4, 5],
        );
        await reader.close();
        const other = await openLedgerReader({ ...options, nodeId: empty });
        assert.equal(await other.head(), undefined);
        await other.close();
      });
    });

    test("a reader of a place where no server has run is told so", async () => {
      const empty = await engine.createPlace();
      await assert.rejects(openLedgerReader(empty.options), (error) => error instanceof BootError && /no ledger/.test(error.message));
      await empty.remove();
    });
  });
}

function one(seq: number): LedgerRow {
  const [row] = ledgerRows(seq - 1, 1);
  assert.ok(row);
  return row;
}

function plain(row: LedgerRow): unknown {
  return { ...row, prev: Buffer.from(row.prev).toString("hex"), hash: Buffer.from(row.hash).toString("hex") };
}
