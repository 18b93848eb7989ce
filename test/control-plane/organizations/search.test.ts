import assert from "node:assert/strict";
import { test as plain } from "node:test";
import { CompiledQuery, sql } from "kysely";
import type { ControlPlaneTables } from "../../../src/control-plane/index.ts";
import { findByWords, searchedWords, wordsOf } from "../../../src/control-plane/search/words.ts";
import type { Store } from "../../../src/store/index.ts";
import { acme } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const NAMES = ["Globex Corporation", "Global Foods", "Umbrella Größe", "日本 電気", "O'Neill & Sons", "globe"];

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  for (const [i, name] of NAMES.entries()) await world.ok("create_organization", { name, external_id: `crm-${i}` });
  const names = async (query: string, more: object = {}) => {
    const { organizations, next_cursor } = await world.ok("search_organizations", { query, ...more });
    return { names: (organizations as Rows).map((row) => row["name"]), next_cursor };
  };
  return { ...world, names };
});

const cases: readonly [query: string, expected: readonly string[]][] = [
  ["glob", ["Global Foods", "globe", "Globex Corporation"]],
  ["GLOBEX", ["Globex Corporation"]],
  ["corp glo", ["Globex Corporation"]],
  ["grosse", []],
  ["große", ["Umbrella Größe"]],
  ["grö", ["Umbrella Größe"]],
  ["日本", ["日本 電気"]],
  ["crm 4", ["O'Neill & Sons"]],
  ["neill", ["O'Neill & Sons"]],
  ["obex", []],
  ["glob nothing", []],
];
for (const [query, expected] of cases) {
  test(`a search for "${query}" finds ${expected.length}, by the beginnings of all words`, async ({ names }) => {
    assert.deepEqual((await names(query)).names, expected);
  });
}

test("a search without a letter or digit is told what to send", async ({ refused }) => {
  for (const query of ["%", "__", "'; --"]) assert.match(await refused("search_organizations", { query }), /no letter and no digit/);
});

test("a thing of which two words begin alike is found once, over all pages", async ({ ok, names }) => {
  for (let i = 0; i < 5; i++) await ok("create_organization", { name: `Twin twinned twins ${i}` });
  const seen: unknown[] = [];
  for (let more: object | undefined = {}; more !== undefined;) {
    const page = await names("twin", { page_size: 2, ...more });
    seen.push(...page.names);
    more = page.next_cursor === null ? undefined : { cursor: page.next_cursor };
  }
  assert.equal(seen.length, 5);
  assert.equal(new Set(seen).size, 5);
});

test("users are found by name, by the beginning of their email, and by the whole of it", async ({ ok }) => {
  const { organization_id } = await ok("create_organization", { name: "Searchers" });
  await ok("create_organization_user", { organization_id, email: "ada.lovelace@engine.example", name: "Ada Lovelace" });
  const found = async (query: string) => ((await ok("search_users", { query }))["users"] as Rows).map((user) => user["organization_id"]);
  for (const query of ["ada", "love ada", "ada.lovelace@eng", "ADA.LOVELACE@engine.example", "lovelace"])
    assert.deepEqual(await found(query), [organization_id], query);
  assert.deepEqual(await found("engine"), []);
});

test("a search reads ranges of indexes and no whole table", async ({ own, harness }) => {
  const db = harness.store.inWorkspace(own.id).withTables<{ [K in keyof ControlPlaneTables]: ControlPlaneTables[K] }>();
  const place = { workspace_id: own.id, environment_id: own.environmentId, kind: "organization" } as const;
  const query = findByWords(db, place, ["globex", "corp"])
    .innerJoin("organization as o", "o.id", "found.resource_id")
    .select("o.name")
    .where("o.deleted_at", "is", null)
    .limit(20);
  const isPostgres = await sql`select version()`.execute(harness.store.db).then(
    () => true,
    () => false,
  );
  // So few rows are read faster without an index; what counts is that there is one.
  const plan = isPostgres ? await explainWithoutScans(harness.store, query.compile()) : await query.explain(undefined, sql`query plan`);
  const text = JSON.stringify(plan);
  assert.match(text, /search_word_pkey|sqlite_autoindex_search_word/);
  assert.doesNotMatch(text, /"SCAN|Seq Scan|TEMP B-TREE/);
});

async function explainWithoutScans(store: Store, { sql: text, parameters }: CompiledQuery): Promise<unknown> {
  return store.db.connection().execute(async (connection) => {
    await sql`set enable_seqscan = off`.execute(connection);
    const { rows } = await connection.executeQuery(CompiledQuery.raw(`explain ${text}`, [...parameters]));
    await sql`reset enable_seqscan`.execute(connection);
    return rows;
  });
}

plain("words are cut at everything that is no letter and no digit, without accents, and are at most sixteen", () => {
  assert.deepEqual(wordsOf("Größe (Test) 42", "a.b@c.example"), ["große", "test", "42", "a.b@c.example", "a", "b"]);
  assert.equal(wordsOf(Array.from({ length: 40 }, (_, i) => `w${i}`).join(" ")).length, 16);
  assert.deepEqual(searchedWords("of corporation glo"), ["corporation", "glo", "of"]);
});
