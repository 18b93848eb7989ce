import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { openLedger, parseSearch, searchLedger, type Ledger, type SearchPage } from "../../../src/audit/index.ts";
import { openStore, type LedgerStore, type Store } from "../../../src/store/index.ts";
import { ENGINES, type Place } from "../../store/support/engines.ts";

const NOW = Date.UTC(2026, 7, 1);
const HOUR = 3_600_000;

test("a search is read field by field, with instants as dates or as how long ago they were", () => {
  const search = parseSearch('tool:create_* agent:cl_1 user:"a person" since:2h until:2026-08-01T00:30', NOW);
  assert.deepEqual(search, {
    conditions: [
      { members: ["tool", "prompt", "resource", "skill", "named"], value: "create_", isPrefix: true },
      { members: ["agent"], value: "cl_1", isPrefix: false },
      { members: ["subject"], value: "a person", isPrefix: false },
    ],
    since: NOW - 2 * HOUR,
    until: NOW + HOUR / 2,
  });
});

test("what is no search is told with what to write instead", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["agents:cl_1", /did you mean agent\?/],
    ["hello", /use tool, agent, user, decision/],
    ["tool:", /"tool:" is no field:value/],
    ["constructor:x", /is no field:value/],
    ["tool:a tool:b", /tool is given twice/],
    ["since:yesterday", /write an instant as 2026-01-31T12:00Z/],
    ["since:2026-99-99", /write an instant/],
    ["x".repeat(1001), /at most 1000 characters/],
  ];
  for (const [text, expected] of cases) {
    const search = parseSearch(text, NOW);
    assert.ok("problems" in search, text);
    assert.match(search.problems.join("\n"), expected);
  }
});

for (const engine of ENGINES) {
  describe(`search on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    let rows: LedgerStore;
    let ledger: Ledger;
    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      rows = await store.openLedger();
      ledger = await openLedger(rows);
      await Promise.all(RECORDS.map((record) => ledger.append({ kind: "call", ref: null, body: JSON.stringify(record) })));
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    async function find(text: string, page: Partial<SearchPage> = {}) {
      const search = parseSearch(text, NOW);
      assert.ok(!("problems" in search), text);
      const { rows: found, nextBeforeSeq } = await searchLedger(rows, search, { limit: 10_000, ...page });
      return { seqs: found.map(({ record }) => record.seq), nextBeforeSeq };
    }

    test("every search finds what reading all records one by one finds", async () => {
      const field = fc.constantFrom(
        "tool:look",
        "tool:m*",
        "agent:cl_1",
        "outcome:refused",
        "outcome:failed",
        "scope:all:write",
        "reason:x",
        'user:"ü q"',
      );
      const time = fc.constantFrom("", "since:30h", "until:10h", "since:20h until:5h", "since:1s");
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(field, { maxLength: 3, selector: (text) => text.split(":")[0] }), time, async (fields, times) => {
          const text = [...fields, times].join(" ").trim();
          const search = parseSearch(text, NOW);
          assert.ok(!("problems" in search));
          const expected = RECORDS.flatMap((record, i) => (plainly(record, text) ? [i + 1] : [])).reverse();
          assert.deepEqual((await find(text)).seqs, expected, text);
        }),
        { numRuns: 60 },
      );
    });

    test("pages give every record once, also when each looks at a part only", async () => {
      const { seqs } = await find("agent:cl_1");
      for (const page of [{ limit: 7 }, { limit: 10_000, maxScanned: 2000 }]) {
        const paged: number[] = [];
        let beforeSeq: number | undefined;
        do {
          const found = await find("agent:cl_1", { ...page, beforeSeq });
          paged.push(...found.seqs);
          beforeSeq = found.nextBeforeSeq;
        } while (beforeSeq !== undefined);
        assert.deepEqual(paged, seqs);
      }
    });

    test("T47: a search for one workspace finds nothing of another, whatever it asks for", async () => {
      const own = await find("", { workspaceId: "wks_a" });
      assert.ok(own.seqs.length > 0 && own.seqs.every((seq) => RECORDS[seq - 1]?.workspace === "wks_a"));
      const decision = RECORDS.find(({ workspace }) => workspace === "wks_b")?.decision ?? assert.fail();
      assert.deepEqual((await find(`decision:${decision}`, { workspaceId: "wks_a" })).seqs, []);
      assert.equal((await find(`decision:${decision}`)).seqs.length, 1);
    });
  });
}

const TOOLS = ["look", "mark", "wipe"];
/** Five thousand calls over about forty hours; some began long before they ended. */
const RECORDS = Array.from({ length: 5000 }, (_, i) => ({
  v: 1,
  kind: "call",
  at: NOW - 40 * HOUR + i * 28_000 - (i % 50 === 0 ? HOUR / 2 : 0),
  decision: `dec_${i}`,
  tool: TOOLS[i % 3] ?? "",
  needed: i % 2 === 0 ? ["all:read"] : ["all:read", "all:write"],
  agent: `cl_${i % 5}`,
  subject: i % 11 === 0 ? "ü q" : "usr_1",
  workspace: i % 4 === 0 ? "wks_b" : "wks_a",
  arguments: { agent: "cl_1", text: '"outcome":"refused"' },
  outcome: i % 7 === 0 ? "refused" : i % 13 === 0 ? "timeout" : "ok",
  ...(i % 7 === 0 ? { reason: i % 2 === 0 ? "x" : "y" } : {}),
}));

/** The records that a search of these tests is for, told in plain words. */
function plainly(record: (typeof RECORDS)[number], text: string): boolean {
  const hours = (NOW - record.at) / HOUR;
  const words: Readonly<Record<string, boolean>> = {
    "tool:look": record.tool === "look",
    "tool:m*": record.tool === "mark",
    "agent:cl_1": record.agent === "cl_1",
    "outcome:refused": record.outcome === "refused",
    "outcome:failed": record.outcome === "timeout",
    "scope:all:write": record.needed.includes("all:write"),
    "reason:x": record.reason === "x",
    'user:"ü': record.subject === "ü q",
    "since:30h": hours <= 30,
    "until:10h": hours > 10,
    "since:20h": hours <= 20,
    "until:5h": hours > 5,
    "since:1s": hours <= 1 / 3600,
  };
  return text.split(" ").every((word) => words[word] ?? true);
}
