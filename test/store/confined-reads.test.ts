import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { jsonArrayFrom as jsonArrayFromPostgres } from "kysely/helpers/postgres";
import { jsonArrayFrom as jsonArrayFromSqlite } from "kysely/helpers/sqlite";
import { ENGINES, type Place } from "./support/engines.ts";
import { type NoteStore, type NoteTables, openNotes } from "./support/notes.ts";

type Read = (db: Kysely<NoteTables>) => { execute(): Promise<unknown[]> };

/** Each read with what workspace A gets: nothing of B, and all that is A's. */
const READS: readonly [string, Read, unknown][] = [
  ["a select of all", (db) => db.selectFrom("note").select("id").orderBy("id"), [{ id: "note_a1" }, { id: "note_a2" }]],
  ["a select by another's id", (db) => db.selectFrom("note").selectAll().where("id", "=", "note_b1"), []],
  ["a select by another's workspace", (db) => db.selectFrom("note").selectAll().where("workspace_id", "=", "wks_b"), []],
  [
    "an or that is always true",
    (db) =>
      db
        .selectFrom("note")
        .select("id")
        .where((eb) => eb.or([eb("id", "=", "x"), eb.lit(true)]))
        .orderBy("id"),
    [{ id: "note_a1" }, { id: "note_a2" }],
  ],
  ["its workspace", (db) => db.selectFrom("workspace").select("id"), [{ id: "wks_a" }]],
  ["accounts", (db) => db.selectFrom("account").select("id"), [{ id: "acc_a" }]],
  ["accounts by another's email", (db) => db.selectFrom("account").selectAll().where("email", "=", "b@example.com"), []],
  ["an alias", (db) => db.selectFrom("note as n").select("n.id").where("n.amount", "=", 1), [{ id: "note_a1" }]],
  [
    "an inner join",
    (db) => db.selectFrom("note").innerJoin("environment", "environment.slug", "environment.slug").select("environment.id").distinct(),
    [{ id: "env_a" }],
  ],
  [
    "a left join that finds nothing",
    (db) =>
      db
        .selectFrom("note as n")
        .leftJoin("environment as e", (j) => j.on("e.id", "=", "env_b"))
        .select(["n.id", "e.id as e"])
        .orderBy("n.id"),
    [
      { id: "note_a1", e: null },
      { id: "note_a2", e: null },
    ],
  ],
  [
    "a right join",
    (db) =>
      db
        .selectFrom("note as n")
        .rightJoin("environment as e", (j) => j.on("n.id", "=", "note_b1"))
        .select(["n.id", "e.id as e"]),
    [{ id: null, e: "env_a" }],
  ],
  [
    "a full join",
    (db) =>
      db
        .selectFrom("note as n")
        .fullJoin("member as m", (j) => j.onTrue())
        .select(["n.id", "m.id as m"])
        .orderBy("n.id"),
    [
      { id: "note_a1", m: "mem_a" },
      { id: "note_a2", m: "mem_a" },
    ],
  ],
  [
    "a cross join",
    (db) => db.selectFrom(["note as n", "environment as e"]).select(["n.id", "e.id as e"]).orderBy("n.id"),
    [
      { id: "note_a1", e: "env_a" },
      { id: "note_a2", e: "env_a" },
    ],
  ],
  [
    "a join with accounts",
    (db) =>
      db
        .selectFrom("member as m")
        .innerJoin("account as a", (j) => j.onTrue())
        .select(["m.id", "a.id as a"]),
    [{ id: "mem_a", a: "acc_a" }],
  ],
  [
    "a subquery as a source",
    (db) => db.selectFrom(db.selectFrom("note").select("id").as("x")).select("x.id").orderBy("x.id"),
    [{ id: "note_a1" }, { id: "note_a2" }],
  ],
  [
    "a subquery as a value",
    (db) =>
      db.selectNoFrom((eb) =>
        eb
          .selectFrom("note")
          .select((e) => e.fn.countAll<number>().as("n"))
          .as("n"),
      ),
    [{ n: 2 }],
  ],
  [
    "a subquery in a condition",
    (db) =>
      db
        .selectFrom("workspace")
        .select("id")
        .where((eb) => eb.exists(eb.selectFrom("note").select("id").where("id", "=", "note_b1"))),
    [],
  ],
  [
    "a search in a subquery",
    (db) =>
      db
        .selectFrom("note")
        .select("id")
        .where("environment_id", "in", (eb) => eb.selectFrom("environment").select("id"))
        .orderBy("id"),
    [{ id: "note_a1" }, { id: "note_a2" }],
  ],
  [
    "a union",
    (db) => db.selectFrom("note").select("id").where("amount", "=", 1).unionAll(db.selectFrom("environment").select("id")).orderBy("id"),
    [{ id: "env_a" }, { id: "note_a1" }],
  ],
  [
    "a common table expression",
    (db) =>
      db
        .with("x", (q) => q.selectFrom("note").select(["id", "amount"]))
        .selectFrom("x")
        .select("x.id")
        .where("x.amount", "=", 2),
    [{ id: "note_a2" }],
  ],
  [
    "one expression that reads another",
    (db) =>
      db
        .with("x", (q) => q.selectFrom("note").select("id"))
        .with("y", (q) => q.selectFrom("x").select("x.id"))
        .selectFrom("y as z")
        .select("z.id")
        .orderBy("z.id"),
    [{ id: "note_a1" }, { id: "note_a2" }],
  ],
  [
    "a recursive expression",
    (db) =>
      db
        .withRecursive("c(n)", (q) =>
          q
            .selectNoFrom((eb) => eb.lit(1).as("n"))
            .unionAll(
              q
                .selectFrom("c")
                .select((eb) => eb("c.n", "+", 1).as("n"))
                .where("c.n", "<", 3),
            ),
        )
        .selectFrom("c")
        .innerJoin("note", "note.amount", "c.n")
        .select("note.id")
        .orderBy("note.id"),
    [{ id: "note_a1" }, { id: "note_a2" }],
  ],
  [
    "a group",
    (db) =>
      db
        .selectFrom("note")
        .select((eb) => ["workspace_id", eb.fn.sum<number>("amount").as("sum")])
        .groupBy("workspace_id"),
    [{ workspace_id: "wks_a", sum: 3 }],
  ],
  [
    "a window",
    (db) =>
      db
        .selectFrom("note")
        .select((eb) => eb.fn.countAll<number>().over().as("n"))
        .limit(1),
    [{ n: 2 }],
  ],
  [
    "a fragment over columns",
    (db) =>
      db
        .selectFrom("note")
        .select(sql<string>`lower(${sql.ref("title")}) || '-x'`.as("t"))
        .where(sql<boolean>`amount >= ${2}`),
    [{ t: "t2-x" }],
  ],
  [
    "a fragment with a subquery of the builder",
    (db) => db.selectNoFrom(sql<number>`(${db.selectFrom("note").select((eb) => eb.fn.countAll().as("n"))}) + 1`.as("n")),
    [{ n: 3 }],
  ],
];

for (const engine of ENGINES) {
  describe(`reading in a workspace on ${engine.name}`, () => {
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

    for (const [title, read, expected] of READS) {
      test(`T47: ${title} gives the workspace's own rows only`, async () => {
        assert.deepEqual(await read(notes.a).execute(), expected);
      });
      test(`T47: ${title} gives the same inside a transaction`, async () => {
        const inside = await notes.a.transaction().execute((trx) => read(trx).execute());
        assert.deepEqual(inside, expected);
      });
    }

    test("T47: rows nested as JSON are the workspace's own", async () => {
      const jsonArrayFrom = engine.name === "SQLite" ? jsonArrayFromSqlite : jsonArrayFromPostgres;
      const row = await notes.a
        .selectFrom("environment as e")
        .select((eb) => ["e.id", jsonArrayFrom(eb.selectFrom("note as n").select("n.id").orderBy("n.id")).as("notes")])
        .executeTakeFirstOrThrow();
      const nested: unknown = typeof row.notes === "string" ? JSON.parse(row.notes) : row.notes;
      assert.deepEqual(nested, [{ id: "note_a1" }, { id: "note_a2" }]);
    });

    test("a workspace's handle is made once, and closing it leaves the store open", async () => {
      assert.equal(notes.store.inWorkspace("wks_a"), notes.store.inWorkspace("wks_a"));
      const other = notes.store.inWorkspace("wks_c");
      assert.deepEqual(await other.selectFrom("workspace").selectAll().execute(), []);
      await other.destroy();
      await notes.store.ping();
      assert.throws(() => notes.store.inWorkspace(""), /workspace/);
    });
  });
}
