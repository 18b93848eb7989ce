import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CompiledQuery, type Kysely, sql } from "kysely";
import { ConfinementError } from "../../src/store/index.ts";
import { ENGINES, type Place, SQLITE } from "./support/engines.ts";
import { type NoteStore, openNotes, snapshotOutside } from "./support/notes.ts";

/** Any table and any column: the escapes name what the types would not allow. */
type Untyped = Kysely<Record<string, Record<string, string>>>;
type Escape = (db: Untyped, notes: NoteStore) => Promise<unknown>;

const raw =
  (text: string): Escape =>
  (db) =>
    db
      .selectFrom("note")
      .selectAll()
      .where(sql<boolean>`${sql.raw(text)}`)
      .execute();

const ESCAPES: readonly [string, Escape][] = [
  ["SQL of one's own", (db) => sql`select * from note`.execute(db)],
  ["SQL of one's own without plugins", (db) => sql`select * from note`.execute(db.withoutPlugins())],
  ["a compiled query of one's own", (db) => db.executeQuery(CompiledQuery.raw("select * from note"))],
  [
    "a compiled query on the connection",
    (db) => db.getExecutor().provideConnection((c) => c.executeQuery(CompiledQuery.raw("select * from note"))),
  ],
  ["a compiled query in a transaction", (db) => db.transaction().execute((trx) => trx.executeQuery(CompiledQuery.raw("delete from note")))],
  ["a query compiled by another workspace's handle", (db, { b }) => db.executeQuery(b.selectFrom("note").selectAll().compile())],
  ["a query compiled by the store's own handle", (db, { all }) => db.executeQuery(all.selectFrom("note").selectAll().compile())],
  [
    "a compiled query with its text changed",
    (db) => db.executeQuery({ ...db.selectFrom("note").selectAll().compile(), sql: "select * from note" }),
  ],
  [
    "a stream of a query of one's own",
    async (db) => {
      for await (const _ of db.getExecutor().stream(CompiledQuery.raw("select * from note"), 1));
    },
  ],
  ["a new table", (db) => db.schema.createTable("x").addColumn("id", "text").execute()],
  ["a dropped table", (db) => db.schema.dropTable("note").execute()],
  ["a view", (db) => db.schema.createView("v").as(db.selectFrom("note").selectAll()).execute()],
  ["the list of tables", (db) => db.introspection.getTables()],
  ["a core table of no workspace", (db) => db.selectFrom("signing_key").selectAll().execute()],
  ["clients, which tools have no business with", (db) => db.selectFrom("client").selectAll().execute()],
  ["a table that was not declared", (db) => db.selectFrom("hidden").selectAll().execute()],
  ["a table of migrations", (db) => db.selectFrom("migration_remit").selectAll().execute()],
  ["the schema of SQLite", (db) => db.selectFrom("sqlite_master").selectAll().execute()],
  ["the schema of PostgreSQL", (db) => db.selectFrom("pg_catalog.pg_class").selectAll().execute()],
  ["a table with its schema", (db) => db.withSchema("main").selectFrom("note").selectAll().execute()],
  ["a table in capitals", (db) => db.selectFrom("NOTE").selectAll().execute()],
  [
    "an undeclared table in a join",
    (db) =>
      db
        .selectFrom("note")
        .innerJoin("hidden", (j) => j.onTrue())
        .selectAll()
        .execute(),
  ],
  [
    "an undeclared table in a subquery",
    (db) => db.selectFrom("note").selectAll().where("id", "in", db.selectFrom("hidden").select("workspace_id")).execute(),
  ],
  ["an undeclared table in a union", (db) => db.selectFrom("note").select("id").unionAll(db.selectFrom("client").select("id")).execute()],
  [
    "an undeclared table in returning",
    (db) =>
      db
        .updateTable("note")
        .set({ title: "T1" })
        .returning((eb) => eb.selectFrom("client").select("id").as("x"))
        .execute(),
  ],
  [
    "an undeclared table in an order",
    (db) =>
      db
        .selectFrom("note")
        .selectAll()
        .orderBy((eb) => eb.selectFrom("client").select("id"))
        .execute(),
  ],
  [
    "an expression named like a table",
    (db) =>
      db
        .with("note", (q) => q.selectNoFrom(sql.lit("x").as("id")))
        .selectFrom("note")
        .selectAll()
        .execute(),
  ],
  [
    "an expression named like a table in capitals",
    (db) =>
      db
        .with("NOTE", (q) => q.selectNoFrom(sql.lit("x").as("id")))
        .selectFrom("note")
        .selectAll()
        .execute(),
  ],
  [
    "an expression that reads the table of its name",
    (db) =>
      db
        .with("client", (q) => q.selectFrom("client").selectAll())
        .selectFrom("client")
        .selectAll()
        .execute(),
  ],
  [
    "an expression used outside of its query",
    (db) =>
      db
        .selectFrom(
          db
            .with("client", (q) => q.selectFrom("note").select("id"))
            .selectFrom("client")
            .select("id")
            .as("x"),
        )
        .innerJoin("client", (j) => j.onTrue())
        .selectAll()
        .execute(),
  ],
  [
    "an expression used before it is made",
    (db) =>
      db
        .with("x", (q) => q.selectFrom("client").select("id"))
        .with("client", (q) => q.selectFrom("note").select("id"))
        .selectFrom("x")
        .selectAll()
        .execute(),
  ],
  [
    "a write in an expression's name",
    (db) =>
      db
        .with("x", (q) => q.selectFrom("note").select("id"))
        .deleteFrom("x")
        .execute(),
  ],
  [
    "a fragment as a source",
    (db) =>
      db
        .selectFrom(sql`note`.as("n"))
        .selectAll()
        .execute(),
  ],
  [
    "a table named in a fragment",
    (db) =>
      db
        .selectFrom(sql.table("note").as("n") as never)
        .selectAll()
        .execute(),
  ],
  [
    "a fragment in brackets as a source",
    (db) =>
      db
        .selectFrom((eb) => eb.parens(sql`note`).as("n") as never)
        .selectAll()
        .execute(),
  ],
  [
    "a fragment as a join",
    (db) =>
      db
        .selectFrom("note as n")
        .innerJoin(sql`client`.as("c"), (j) => j.onTrue())
        .selectAll()
        .execute(),
  ],
  ["a search in a table by a reference", (db) => db.selectFrom("note").selectAll().where("id", "in", sql.ref<string>("hidden")).execute()],
  [
    "a search in a table by a fragment",
    (db) =>
      db
        .selectFrom("note")
        .selectAll()
        .where("id", "in", sql<string>`hidden`)
        .execute(),
  ],
  [
    "a search in a table whose operator is a fragment",
    (db) =>
      db
        .selectFrom("note")
        .selectAll()
        .where("id", sql`in`, sql.ref<string>("hidden"))
        .execute(),
  ],
  [
    "a function that reads by name",
    (db) =>
      db
        .selectNoFrom((eb) => eb.fn("query_to_xml", [eb.val("select * from note"), eb.lit(true), eb.lit(true), eb.val("")]).as("x"))
        .execute(),
  ],
  ["a function that reads files", (db) => db.selectNoFrom((eb) => eb.fn("pg_read_file", [eb.val("/etc/passwd")]).as("x")).execute()],
  [
    "a function as a source",
    (db) =>
      db
        .selectFrom((eb) => eb.fn("pragma_table_list").as("x"))
        .selectAll()
        .execute(),
  ],
  [
    "a function's name with SQL in it",
    (db) => db.selectNoFrom((eb) => eb.fn("(select count(*) from note) + abs", [eb.lit(1)]).as("x")).execute(),
  ],
  [
    "an aggregate's name with SQL in it",
    (db) =>
      db
        .selectFrom("note")
        .select((eb) => eb.fn.agg("(select 1 from note) + max", ["amount"]).as("x"))
        .execute(),
  ],
  [
    "an expression's columns from a fragment",
    (db) =>
      db
        .with("x", () => sql`(select * from note)`)
        .selectFrom("x")
        .selectAll()
        .execute(),
  ],
  [
    "a fragment at the end",
    (db) =>
      db
        .selectFrom("note")
        .selectAll()
        .modifyEnd(sql`union all select * from note`)
        .execute(),
  ],
  [
    "a fragment at the front",
    (db) =>
      db
        .selectFrom("note")
        .select("id")
        .modifyFront(sql`id from note union select`)
        .execute(),
  ],
  ["a fragment of several pieces", (db) => db.selectNoFrom(sql`query_to_xml${sql.raw("(")}${"x"}, true, true, '')`.as("x")).execute()],
  [
    "a fragment like a JSON helper's over a fragment",
    (db) => db.selectNoFrom((eb) => sql`(select count(*) from ${eb.parens(sql`note`)} as agg)`.as("x")).execute(),
  ],
  [
    "a fragment like a JSON helper's over two sources",
    (db) => db.selectNoFrom(sql`(select count(*) from ${db.selectFrom("note").select("id")} as agg, client as obj)`.as("x")).execute(),
  ],
  [
    "a fragment like a JSON helper's with a query in it",
    (db) => db.selectNoFrom(sql`(select (select count(*) from note) from ${db.selectFrom("note").select("id")} as agg)`.as("x")).execute(),
  ],
  [
    "a fragment with a sign that stands for a query",
    (db) => db.selectNoFrom(sql`${sql.raw("(select 1 from \u0001 as agg)")}`.as("x")).execute(),
  ],
  [
    "a merge",
    (db) =>
      db
        .mergeInto("note")
        .using("environment", (j) => j.onTrue())
        .whenMatched()
        .thenDelete()
        .execute(),
  ],
  ["a fragment with a select", raw("exists (select 1 from note)")],
  ["a fragment with a select in capitals", raw("EXISTS (SELECT 1 FROM note)")],
  ["a fragment with a select on two lines", raw("exists (\nselect\n1)")],
  ["a fragment with the table command", raw("exists (table note)")],
  ["a fragment with a comment", raw("1 = 1 /* x */")],
  ["a fragment with a comment to the end of the line", raw("1 = 1 --")],
  ["a fragment with an open quote", raw("'x")],
  ["a fragment with an open double quote", raw('"x')],
  ["a fragment with a dollar quote", raw("$$x$$ = 'x'")],
  ["a fragment with an escape", raw("E'\\'' = 'x'")],
  ["a fragment with a parameter of its own", raw("id = ?1")],
  ["a fragment with a named parameter", raw("id = :x")],
  ["a fragment in square brackets", raw("[id] = 'x'")],
  ["a fragment in back quotes", raw("`id` = 'x'")],
  ["a fragment with a function that reads", raw("query_to_xml('a', true, true, '') is null")],
  ["a fragment with a quoted function", raw(`"query_to_xml" ('a', true, true, '') is null`)],
  ["a fragment with a search in a table", raw("id in hidden")],
  ["a fragment with a search in a quoted table", raw('id in "hidden"')],
  ["a fragment that closes more than it opens", raw("1 = 1) or (1 = 1")],
];

const ALLOWED_FRAGMENTS: readonly string[] = [
  "amount in (1, 2)",
  "(amount > 0 and not (amount = 5)) or lower(title) like 't%'",
  "coalesce(environment_id, 'it''s; -- select from (') <> 'x'",
  "case when amount > 1 then true else true end",
  `"amount" = 1 or "note"."amount" = 2`,
  "cast(amount as text) <> ''",
  "title between 'A' and 'Z'",
];

for (const engine of ENGINES) {
  describe(`what cannot be confined on ${engine.name}`, () => {
    let place: Place;
    let notes: NoteStore;
    before(async () => {
      place = await engine.createPlace();
      notes = await openNotes(place);
    });
    after(async () => {
      await notes.store.close();
      await place.remove();
    });

    for (const [title, escape] of ESCAPES) {
      test(`T47: ${title} is refused`, async () => {
        const outside = await snapshotOutside(notes.all);
        await assert.rejects(async () => escape(notes.a as unknown as Untyped, notes), ConfinementError);
        assert.deepEqual(await snapshotOutside(notes.all), outside);
      });
    }

    for (const fragment of ALLOWED_FRAGMENTS) {
      test(`a fragment over columns is let through: ${fragment}`, async () => {
        const rows = await notes.a
          .selectFrom("note")
          .select("id")
          .where(sql<boolean>`${sql.raw(fragment)}`)
          .orderBy("id")
          .execute();
        assert.deepEqual(rows, [{ id: "note_a1" }, { id: "note_a2" }]);
      });
    }

    test("T47: a compiled query cannot be changed to another workspace's", async () => {
      const query = notes.a.selectFrom("note").select("workspace_id").compile();
      assert.throws(() => Object.assign(query.parameters, ["wks_b"]), TypeError);
      assert.throws(() => Object.assign(query, { sql: "select * from note" }), TypeError);
      const { rows } = await notes.a.executeQuery(query);
      assert.deepEqual(rows, [{ workspace_id: "wks_a" }, { workspace_id: "wks_a" }]);
    });

    test("T47: after a refusal the handle is confined as before", async () => {
      const nested = notes.a
        .with("x", (q) => q.selectFrom("client" as never).selectAll())
        .selectFrom("x")
        .selectAll();
      await assert.rejects(async () => nested.execute(), ConfinementError);
      await assert.rejects(
        async () =>
          notes.a
            .selectFrom("x" as never)
            .selectAll()
            .execute(),
        ConfinementError,
      );
      assert.equal((await notes.a.selectFrom("note").select("id").execute()).length, 2);
    });
  });
}

test("T47: on PostgreSQL only, an expression that writes is confined", async () => {
  const engine = ENGINES.find((each) => each !== SQLITE);
  assert.ok(engine);
  const place = await engine.createPlace();
  const notes = await openNotes(place);
  const outside = await snapshotOutside(notes.all);
  const rows = await notes.a
    .with("gone", (db) =>
      db.deleteFrom("note").using("environment").whereRef("environment.slug", "=", "environment.slug").returning("note.id"),
    )
    .selectFrom("gone")
    .select("gone.id")
    .orderBy("gone.id")
    .execute();
  assert.deepEqual(rows, [{ id: "note_a1" }, { id: "note_a2" }]);
  assert.deepEqual(await snapshotOutside(notes.all), outside);
  await notes.store.close();
  await place.remove();
});
