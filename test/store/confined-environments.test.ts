import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { ConfinementError } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { type NoteStore, type NoteTables, openNotes, resetNotes, snapshotOutside } from "./support/notes.ts";

type Db = Kysely<NoteTables>;
type Read = (db: Db) => { execute(): Promise<readonly { readonly id: unknown }[]> };
type Write = (db: Db) => { execute(): Promise<unknown> };

const note = { id: "note_n", workspace_id: "wks_a", environment_id: "env_a", title: "N", amount: 9 };

/** Each read with the ids that a handle limited to the environment `env_a` sees. */
const READS: readonly [string, Read, readonly string[]][] = [
  ["all notes", (db) => db.selectFrom("note").select("id"), ["note_a1", "note_a2"]],
  ["all environments", (db) => db.selectFrom("environment").select("id"), ["env_a"]],
  ["a note of the other environment by its id", (db) => db.selectFrom("note").select("id").where("id", "=", "note_x"), []],
  ["another environment by its id", (db) => db.selectFrom("environment").select("id").where("id", "in", ["env_x", "env_b"]), []],
  [
    "an or that is always true",
    (db) =>
      db
        .selectFrom("note")
        .select("id")
        .where((eb) => eb.or([eb("id", "=", "note_x"), eb.lit(true)])),
    ["note_a1", "note_a2"],
  ],
  [
    "a join of notes with their environments",
    (db) => db.selectFrom("environment as e").leftJoin("note as n", "n.environment_id", "e.id").select("n.id as id"),
    ["note_a1", "note_a2"],
  ],
  [
    "a subquery",
    (db) =>
      db.selectFrom("member").select((eb) =>
        eb
          .selectFrom("note")
          .select((e) => e.fn.max("id").as("m"))
          .as("id"),
      ),
    ["note_a2"],
  ],
  [
    "a common table expression",
    (db) =>
      db
        .with("all_notes", (q) => q.selectFrom("note").selectAll())
        .selectFrom("all_notes")
        .select("id"),
    ["note_a1", "note_a2"],
  ],
  [
    "a union",
    (db) => db.selectFrom("note").select("id").unionAll(db.selectFrom("environment").select("id")),
    ["env_a", "note_a1", "note_a2"],
  ],
  ["the workspace itself", (db) => db.selectFrom("workspace").select("id"), ["wks_a"]],
  ["members, who belong to no environment", (db) => db.selectFrom("member").select("id"), ["mem_a"]],
];

/** Each write with the notes of the workspace afterwards, as `id:title`. */
const KEPT = ["note_free:F", "note_x:X"];
const WRITES: readonly [string, Write, readonly string[]][] = [
  ["an update of all", (db) => db.updateTable("note").set({ title: "U" }), ["note_a1:U", "note_a2:U", ...KEPT]],
  [
    "an update by another's id",
    (db) => db.updateTable("note").set({ title: "U" }).where("id", "in", ["note_x", "note_free"]),
    ["note_a1:T1", "note_a2:T2", ...KEPT],
  ],
  [
    "an update to its own environment",
    (db) => db.updateTable("note").set({ environment_id: "env_a" }),
    ["note_a1:T1", "note_a2:T2", ...KEPT],
  ],
  ["a delete of all", (db) => db.deleteFrom("note"), KEPT],
  [
    "an insert into its own environment",
    (db) => db.insertInto("note").values(note),
    ["note_a1:T1", "note_a2:T2", "note_free:F", "note_n:N", "note_x:X"],
  ],
  [
    "an upsert of a row in another environment",
    (db) =>
      db
        .insertInto("note")
        .values({ ...note, id: "note_x" })
        .onConflict((oc) => oc.column("id").doUpdateSet({ title: "U", environment_id: "env_a" })),
    ["note_a1:T1", "note_a2:T2", ...KEPT],
  ],
];

const REFUSED: readonly [string, Write][] = [
  ["an insert into another environment", (db) => db.insertInto("note").values({ ...note, environment_id: "env_x" })],
  ["an insert into another workspace's environment", (db) => db.insertInto("note").values({ ...note, environment_id: "env_b" })],
  ["an insert into no environment", (db) => db.insertInto("note").values({ ...note, environment_id: null })],
  [
    "an insert that leaves the environment out",
    (db) => db.insertInto("note").values({ id: "note_n", workspace_id: "wks_a", title: "N", amount: 1 }),
  ],
  [
    "an insert of two, one of which leaves it out",
    (db) => db.insertInto("note").values([note, { id: "note_o", workspace_id: "wks_a", title: "N", amount: 1 }] as never),
  ],
  [
    "an insert with an environment from a fragment",
    (db) => db.insertInto("note").values({ ...note, environment_id: sql`'env_x'` } as never),
  ],
  [
    "an insert with an environment from a subquery",
    (db) => db.insertInto("note").values((eb) => ({ ...note, environment_id: eb.selectFrom("environment").select("id").limit(1) })),
  ],
  ["an insert that names the column twice", (db) => db.insertInto("note").values({ ...note, ENVIRONMENT_ID: "env_x" } as never)],
  ["an insert that names the workspace twice", (db) => db.insertInto("note").values({ ...note, WORKSPACE_ID: "wks_b" } as never)],
  ["an insert of defaults", (db) => db.insertInto("note").defaultValues()],
  [
    "an insert from a query",
    (db) =>
      db
        .insertInto("note")
        .columns(["id", "title"])
        .expression(db.selectFrom("environment").select(["id", "slug"])),
  ],
  ["an update to another environment", (db) => db.updateTable("note").set({ environment_id: "env_x" })],
  ["an update to no environment", (db) => db.updateTable("note").set({ environment_id: null })],
  ["an update of the column in capitals", (db) => db.updateTable("note").set({ ENVIRONMENT_ID: "env_x" } as never)],
  ["an update of an environment's id", (db) => db.updateTable("environment").set({ id: "env_n" })],
  [
    "an upsert to another environment",
    (db) =>
      db
        .insertInto("note")
        .values(note)
        .onConflict((oc) => oc.column("id").doUpdateSet({ environment_id: "env_x" })),
  ],
  [
    "a new environment",
    (db) =>
      db
        .insertInto("environment")
        .values({ id: "env_n", workspace_id: "wks_a", name: "N", slug: "n", kind: "development", created_at: 1, version: 1 }),
  ],
];

for (const engine of ENGINES) {
  describe(`access limited to environments on ${engine.name}`, () => {
    let place: Place;
    let notes: NoteStore;
    const limited = (...environmentIds: string[]): Db => notes.store.inWorkspace("wks_a", environmentIds);

    before(async () => {
      place = await engine.createPlace();
      notes = await openNotes(place);
      const other = { id: "env_x", workspace_id: "wks_a", name: "X", slug: "x", kind: "development", created_at: 1, version: 1 } as const;
      await notes.all.insertInto("environment").values(other).execute();
    });
    after(async () => {
      await notes.store.close();
      await place.remove();
    });
    beforeEach(async () => {
      await resetNotes(notes);
      await notes.all
        .insertInto("note")
        .values([
          { ...note, id: "note_x", environment_id: "env_x", title: "X" },
          { ...note, id: "note_free", environment_id: null, title: "F" },
        ])
        .execute();
    });

    const ids = async (read: ReturnType<Read>): Promise<string[]> => (await read.execute()).map((row) => String(row.id)).toSorted();
    async function titlesOfA(): Promise<string[]> {
      const rows = await notes.all.selectFrom("note").select(["id", "title"]).where("workspace_id", "=", "wks_a").orderBy("id").execute();
      return rows.map((row) => `${row.id}:${row.title}`);
    }
    const others = async (): Promise<unknown> => [
      await snapshotOutside(notes.all),
      await notes.all.selectFrom("environment").selectAll().orderBy("id").execute(),
    ];

    for (const [title, read, expected] of READS) {
      test(`T47: ${title} gives rows of the environment only`, async () => {
        assert.deepEqual(await ids(read(limited("env_a"))), expected);
        const inTransaction = await limited("env_a")
          .transaction()
          .execute((trx) => ids(read(trx)));
        assert.deepEqual(inTransaction, expected);
      });
    }

    for (const [title, write, expected] of WRITES) {
      test(`T47: ${title} changes rows of the environment only`, async () => {
        const before = await others();
        await write(limited("env_a")).execute();
        assert.deepEqual(await titlesOfA(), expected);
        assert.deepEqual(await others(), before);
      });
    }

    for (const [title, write] of REFUSED) {
      test(`T47: ${title} is refused`, async () => {
        const before = [await others(), await titlesOfA()];
        await assert.rejects(async () => write(limited("env_a")).execute(), ConfinementError);
        await assert.rejects(async () => write(limited("env_a", "env_c")).execute(), ConfinementError);
        assert.deepEqual([await others(), await titlesOfA()], before);
      });
    }

    const lists: readonly [string, readonly string[], readonly string[], readonly string[]][] = [
      ["both", ["env_a", "env_x"], ["note_a1", "note_a2", "note_x"], ["env_a", "env_x"]],
      ["both, in another order and twice", ["env_x", "env_a", "env_x"], ["note_a1", "note_a2", "note_x"], ["env_a", "env_x"]],
      ["another workspace's", ["env_b"], [], []],
      ["its own and another workspace's", ["env_b", "env_x"], ["note_x"], ["env_x"]],
      ["none", [], [], []],
      ["one with a quote in it", ["env_a' or '1' = '1"], [], []],
    ];
    for (const [title, environmentIds, noteIds, environments] of lists) {
      test(`T47: with ${title} it sees rows of these in its own workspace`, async () => {
        const db = limited(...environmentIds);
        assert.deepEqual(await ids(db.selectFrom("note").select("id")), noteIds);
        assert.deepEqual(await ids(db.selectFrom("environment").select("id")), environments);
        assert.equal((await db.deleteFrom("note").executeTakeFirst()).numDeletedRows, BigInt(noteIds.length));
      });
    }

    test("T47: with none nothing can be inserted", async () => {
      await assert.rejects(async () => limited().insertInto("note").values(note).execute(), ConfinementError);
    });

    test("T47: without a list, rows of all environments and of none are seen, also after a limited handle was made", async () => {
      limited("env_a");
      assert.deepEqual(await ids(notes.a.selectFrom("note").select("id")), ["note_a1", "note_a2", "note_free", "note_x"]);
      assert.equal(notes.store.inWorkspace("wks_a"), notes.store.inWorkspace("wks_a"));
      assert.equal(limited("env_a", "env_x"), limited("env_x", "env_a"));
      assert.notEqual(limited("env_a"), limited("env_x"));
    });

    test("T47: a query compiled by the workspace's handle does not run on a limited one", async () => {
      await assert.rejects(async () => limited("env_a").executeQuery(notes.a.selectFrom("note").selectAll().compile()), ConfinementError);
    });

    test("T47: a list that changes later does not change the handle", async () => {
      const list = ["env_a", "env_unused"];
      const db = notes.store.inWorkspace("wks_a", list);
      list.push("env_x");
      assert.deepEqual(await ids(db.selectFrom("environment").select("id")), ["env_a"]);
    });
  });

  describe(`how people sign in, on ${engine.name}`, () => {
    let place: Place;
    let notes: NoteStore;
    before(async () => {
      place = await engine.createPlace();
      notes = await openNotes(place);
      await notes.all.updateTable("account").set({ password_hash: "secret", disabled_at: 5 }).execute();
    });
    after(async () => {
      await notes.store.close();
      await place.remove();
    });

    const attempts: readonly [string, (db: Kysely<Record<string, Record<string, string>>>) => Promise<unknown>][] = [
      ["a select", (db) => db.selectFrom("account").select("password_hash").execute()],
      ["a condition", (db) => db.selectFrom("account").select("id").where("password_hash", "like", "s%").execute()],
      ["an order", (db) => db.selectFrom("account").select("id").orderBy("disabled_at").execute()],
      [
        "a fragment",
        (db) =>
          db
            .selectFrom("account")
            .select(sql`password_hash`.as("x"))
            .execute(),
      ],
      [
        "a join",
        (db) => db.selectFrom("member as m").innerJoin("account as a", "a.id", "m.account_id").select("a.password_hash").execute(),
      ],
      ["an insert", (db) => db.insertInto("account").values({ id: "n", email: "n@example.com", name: "N", password_hash: "x" }).execute()],
    ];
    for (const [title, attempt] of attempts) {
      test(`T47: ${title} by a tool reaches no password`, async () => {
        await assert.rejects(() => attempt(notes.a as never), /(password_hash|disabled_at)/);
      });
    }

    test("T47: all columns of an account are those that tools may know", async () => {
      assert.deepEqual(await notes.a.selectFrom("account").selectAll().execute(), [
        { id: "acc_a", email: "a@example.com", name: "a", created_at: 1 },
      ]);
    });
  });
}
