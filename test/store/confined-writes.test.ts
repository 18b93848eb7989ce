import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { ConfinementError } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { type NoteStore, type NoteTables, openNotes, resetNotes, snapshotOutside } from "./support/notes.ts";

type Write = (db: Kysely<NoteTables>) => { execute(): Promise<unknown> };

const note = { id: "note_n", environment_id: null, title: "N", amount: 9 };

/** Each write with the notes that workspace A has afterwards, as `id:title`. */
const WRITES: readonly [string, Write, readonly string[]][] = [
  ["an update of all", (db) => db.updateTable("note").set({ title: "X" }), ["note_a1:X", "note_a2:X"]],
  [
    "an update by another's id",
    (db) => db.updateTable("note").set({ title: "X" }).where("id", "=", "note_b1"),
    ["note_a1:T1", "note_a2:T2"],
  ],
  [
    "an update with an or",
    (db) =>
      db
        .updateTable("note")
        .set({ title: "X" })
        .where((eb) => eb.or([eb("id", "=", "note_a1"), eb.lit(true)])),
    ["note_a1:X", "note_a2:X"],
  ],
  ["an update of an alias", (db) => db.updateTable("note as n").set({ title: "X" }).where("n.amount", "=", 1), ["note_a1:X", "note_a2:T2"]],
  [
    "an update from a subquery",
    (db) => db.updateTable("note").set((eb) => ({ title: eb.selectFrom("environment").select((e) => e.fn.max("id").as("m")) })),
    ["note_a1:env_a", "note_a2:env_a"],
  ],
  [
    "an update from another table",
    (db) =>
      db
        .updateTable("note")
        .from("environment as e")
        .set((eb) => ({ title: eb.ref("e.id") })),
    ["note_a1:env_a", "note_a2:env_a"],
  ],
  ["an update to its own workspace", (db) => db.updateTable("note").set({ title: "X", workspace_id: "wks_a" }), ["note_a1:X", "note_a2:X"]],
  ["a delete of all", (db) => db.deleteFrom("note"), []],
  ["a delete by another's id", (db) => db.deleteFrom("note").where("id", "in", ["note_b1", "note_a2"]), ["note_a1:T1"]],
  ["a delete of an alias with an or", (db) => db.deleteFrom("note as n").where((eb) => eb.or([eb("n.id", "=", "x"), eb.lit(true)])), []],
  [
    "a delete by a subquery",
    (db) => db.deleteFrom("note").where("id", "in", (eb) => eb.selectFrom("note").select("id").where("amount", "=", 1)),
    ["note_a2:T2"],
  ],
  [
    "an insert that leaves the workspace out",
    (db) => db.insertInto("note").values(note as never),
    ["note_a1:T1", "note_a2:T2", "note_n:N"],
  ],
  [
    "an insert that names its own workspace",
    (db) => db.insertInto("note").values({ ...note, workspace_id: "wks_a" }),
    ["note_a1:T1", "note_a2:T2", "note_n:N"],
  ],
  [
    "an insert of several",
    (db) => db.insertInto("note").values([note, { ...note, id: "note_o", amount: sql`1 + 1` }] as never),
    ["note_a1:T1", "note_a2:T2", "note_n:N", "note_o:N"],
  ],
  [
    "an insert from a query",
    (db) =>
      db
        .insertInto("note")
        .columns(["id", "title"])
        .expression(db.selectFrom("environment").select(["id", "slug"])),
    ["env_a:live", "note_a1:T1", "note_a2:T2"],
  ],
  [
    "an insert from a union",
    (db) =>
      db
        .insertInto("note")
        .columns(["id", "title"])
        .expression(
          db
            .selectFrom("environment")
            .select(["id", "slug"])
            .unionAll(db.selectFrom("workspace").select(["id", "name as slug"])),
        ),
    ["env_a:live", "note_a1:T1", "note_a2:T2", "wks_a:Workspace a"],
  ],
  [
    "an upsert of its own row",
    (db) =>
      db
        .insertInto("note")
        .values({ ...note, id: "note_a1" } as never)
        .onConflict((oc) => oc.column("id").doUpdateSet({ title: "U" })),
    ["note_a1:U", "note_a2:T2"],
  ],
  [
    "an upsert that meets another's row",
    (db) =>
      db
        .insertInto("note")
        .values({ ...note, id: "note_b1" } as never)
        .onConflict((oc) => oc.column("id").doUpdateSet({ title: "U" })),
    ["note_a1:T1", "note_a2:T2"],
  ],
  [
    "an upsert with an or that meets another's row",
    (db) =>
      db
        .insertInto("note")
        .values({ ...note, id: "note_b1" } as never)
        .onConflict((oc) =>
          oc
            .column("id")
            .doUpdateSet({ title: "U" })
            .where((eb) => eb.or([eb("note.id", "=", "x"), eb.lit(true)])),
        ),
    ["note_a1:T1", "note_a2:T2"],
  ],
  [
    "an upsert from a query",
    (db) =>
      db
        .insertInto("note")
        .columns(["id", "title"])
        .expression(db.selectFrom("note").select(["id", "title"]))
        .onConflict((oc) => oc.column("id").doUpdateSet({ title: "U" })),
    ["note_a1:U", "note_a2:U"],
  ],
  [
    "an insert that does nothing on conflict",
    (db) =>
      db
        .insertInto("note")
        .values({ ...note, id: "note_b1" } as never)
        .onConflict((oc) => oc.doNothing()),
    ["note_a1:T1", "note_a2:T2"],
  ],
];

const REFUSED_WRITES: readonly [string, Write][] = [
  ["an insert into another workspace", (db) => db.insertInto("note").values({ ...note, workspace_id: "wks_b" })],
  [
    "an insert of which one row is another's",
    (db) =>
      db.insertInto("note").values([
        { ...note, workspace_id: "wks_a" },
        { ...note, id: "note_o", workspace_id: "wks_b" },
      ]),
  ],
  [
    "an insert whose workspace is an expression",
    (db) => db.insertInto("note").values({ ...note, workspace_id: sql<string>`lower('WKS_B')` }),
  ],
  ["an insert of the column in capitals", (db) => db.insertInto("note").values({ ...note, WORKSPACE_ID: "wks_b" } as never)],
  [
    "an insert from a query that sets the workspace",
    (db) =>
      db
        .insertInto("note")
        .columns(["id", "workspace_id", "title"])
        .expression(db.selectFrom("note").select(["id", sql.lit("wks_b").as("w"), "title"])),
  ],
  [
    "an insert from a fragment",
    (db) =>
      db
        .insertInto("note")
        .columns(["id"])
        .expression(sql`values ('x')`),
  ],
  ["an insert that replaces", (db) => db.replaceInto("note").values({ ...note, id: "note_b1" } as never)],
  [
    "an insert or replace",
    (db) =>
      db
        .insertInto("note")
        .orReplace()
        .values({ ...note, id: "note_b1" } as never),
  ],
  ["an update to another workspace", (db) => db.updateTable("note").set({ workspace_id: "wks_b" })],
  ["an update of the column in capitals", (db) => db.updateTable("note").set({ WORKSPACE_ID: "wks_b" } as never)],
  ["an update of a column named by a fragment", (db) => db.updateTable("note").set(sql<string>`workspace_id`, "wks_b")],
  ["an update of its workspace's id", (db) => db.updateTable("workspace").set({ id: "wks_c" })],
  [
    "an upsert to another workspace",
    (db) =>
      db
        .insertInto("note")
        .values(note as never)
        .onConflict((oc) => oc.column("id").doUpdateSet({ workspace_id: "wks_b" })),
  ],
  ["a new workspace", (db) => db.insertInto("workspace").values({ id: "wks_c", name: "C", created_at: 1 })],
  ["an update of an account", (db) => db.updateTable("account").set({ name: "X" })],
  ["a delete of an account", (db) => db.deleteFrom("account")],
  [
    "an upsert of an account",
    (db) =>
      db
        .insertInto("account")
        .values({ id: "acc_b", email: "b@example.com", name: "X", created_at: 1 })
        .onConflict((oc) => oc.column("id").doUpdateSet({ name: "X" })),
  ],
  [
    "an update with a condition that breaks out",
    (db) =>
      db
        .updateTable("note")
        .set({ title: "X" })
        .where(sql<boolean>`1 = 1) or (1 = 1`),
  ],
  ["a condition with a comment", (db) => db.deleteFrom("note").where(sql<boolean>`1 = 1 -- `)],
  ["a second statement", (db) => db.deleteFrom("note").where(sql<boolean>`1 = 1; delete from note`)],
];

for (const engine of ENGINES) {
  describe(`writing in a workspace on ${engine.name}`, () => {
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
    beforeEach(() => resetNotes(notes));

    async function titlesOfA(): Promise<string[]> {
      const rows = await notes.all.selectFrom("note").select(["id", "title"]).where("workspace_id", "=", "wks_a").orderBy("id").execute();
      return rows.map((row) => `${row.id}:${row.title}`);
    }

    for (const [title, write, expected] of WRITES) {
      test(`T47: ${title} changes the workspace's own rows only`, async () => {
        const outside = await snapshotOutside(notes.all);
        await write(notes.a).execute();
        assert.deepEqual(await titlesOfA(), expected);
        assert.deepEqual(await snapshotOutside(notes.all), outside);
      });
      test(`T47: ${title} is confined in a transaction and taken back with it`, async () => {
        const outside = await snapshotOutside(notes.all);
        const failed = notes.a.transaction().execute(async (trx) => {
          await write(trx).execute();
          throw new Error("stop");
        });
        await assert.rejects(failed, /stop/);
        assert.deepEqual(await titlesOfA(), ["note_a1:T1", "note_a2:T2"]);
        assert.deepEqual(await snapshotOutside(notes.all), outside);
      });
    }

    for (const [title, write] of REFUSED_WRITES) {
      test(`T47: ${title} is refused`, async () => {
        const outside = await snapshotOutside(notes.all);
        await assert.rejects(async () => write(notes.a).execute(), ConfinementError);
        assert.deepEqual(await titlesOfA(), ["note_a1:T1", "note_a2:T2"]);
        assert.deepEqual(await snapshotOutside(notes.all), outside);
      });
    }

    test("a person can be added to the workspace, and is seen only once a member", async () => {
      const account = { id: `acc_${engine.name}`, email: "new@example.com", name: "New", created_at: 1 };
      await notes.a.insertInto("account").values(account).execute();
      assert.equal((await notes.a.selectFrom("account").selectAll().execute()).length, 1);
      await notes.a
        .insertInto("member")
        .values({ id: "mem_n", account_id: account.id, role: "viewer", created_at: 1 } as never)
        .execute();
      assert.deepEqual(await notes.a.selectFrom("account").selectAll().where("id", "=", account.id).execute(), [account]);
      assert.deepEqual(await notes.b.selectFrom("account").select("id").execute(), [{ id: "acc_b" }]);
    });

    test("a savepoint takes back what came after it", async () => {
      const trx = await notes.a.startTransaction().execute();
      const saved = await trx.savepoint("one").execute();
      await saved.deleteFrom("note").execute();
      const back = await saved.rollbackToSavepoint("one").execute();
      await back.updateTable("note").set({ title: "S" }).where("id", "=", "note_a1").execute();
      await trx.commit().execute();
      assert.deepEqual(await titlesOfA(), ["note_a1:S", "note_a2:T2"]);
    });

    test("returning gives what was written, and nothing of others", async () => {
      const updated = await notes.a.updateTable("note").set({ title: "R" }).returning(["id", "workspace_id"]).execute();
      assert.deepEqual(updated.map((row) => row.id).sort(), ["note_a1", "note_a2"]);
      const upserted = await notes.a
        .insertInto("note")
        .values({ ...note, id: "note_b1" } as never)
        .onConflict((oc) => oc.column("id").doUpdateSet({ title: "U" }))
        .returningAll()
        .execute();
      assert.deepEqual(upserted, []);
      const { numDeletedRows } = await notes.a.deleteFrom("note").executeTakeFirst();
      assert.equal(numDeletedRows, 2n);
    });
  });
}
