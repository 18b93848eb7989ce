import { type Kysely, sql } from "kysely";
import { defineTables, openStore, type CoreTables, type Store, type ToolTables } from "../../../src/store/index.ts";
import type { Place } from "./engines.ts";
import { addWorkspaces } from "./rows.ts";

export interface NoteRow {
  id: string;
  workspace_id: string;
  environment_id: string | null;
  title: string;
  amount: number;
}

/** Tables as a server's author declares them. */
export const NOTES = defineTables<{ note: NoteRow }>({
  name: "notes",
  tables: ["note"],
  environmentColumns: { note: "environment_id" },
  migrations: {
    "0001-note": async (db, { bigint, createTable }) => {
      await createTable("note")
        .addColumn("id", "text", (c) => c.notNull().primaryKey())
        .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
        .addColumn("environment_id", "text")
        .addColumn("title", "text", (c) => c.notNull())
        .addColumn("amount", bigint, (c) => c.notNull().defaultTo(0))
        .execute();
      // Not declared: no tool may reach it.
      await db.schema.createTable("hidden").addColumn("workspace_id", "text").execute();
    },
  },
});

export type NoteTables = ToolTables & { note: NoteRow };
export type AllTables = CoreTables & { note: NoteRow };

/** A store with the workspaces A and B, each with two notes; `a` is the handle of A, `all` sees everything. */
export interface NoteStore {
  readonly store: Store;
  readonly all: Kysely<AllTables>;
  readonly a: Kysely<NoteTables>;
  readonly b: Kysely<NoteTables>;
}

export async function openNotes(place: Place): Promise<NoteStore> {
  const store = await openStore(place.options);
  await store.migrate([NOTES]);
  await addWorkspaces(store.db);
  const handle = (id: string): Kysely<NoteTables> => store.inWorkspace(id);
  const notes = { store, all: store.db as unknown as Kysely<AllTables>, a: handle("wks_a"), b: handle("wks_b") };
  await resetNotes(notes);
  return notes;
}

export async function resetNotes({ all }: Pick<NoteStore, "all">): Promise<void> {
  await all.deleteFrom("note").execute();
  for (const letter of ["a", "b"]) {
    for (const n of [1, 2]) {
      await all
        .insertInto("note")
        .values({ id: `note_${letter}${n}`, workspace_id: `wks_${letter}`, environment_id: `env_${letter}`, title: `T${n}`, amount: n })
        .execute();
    }
  }
}

/** Everything that belongs to workspace B, or to no workspace: it must be the same before and after whatever A does. */
export async function snapshotOutside(all: Kysely<AllTables>): Promise<unknown> {
  return {
    notes: await all.selectFrom("note").selectAll().where("workspace_id", "!=", "wks_a").orderBy("id").execute(),
    environments: await all.selectFrom("environment").selectAll().where("workspace_id", "!=", "wks_a").orderBy("id").execute(),
    members: await all.selectFrom("member").selectAll().where("workspace_id", "!=", "wks_a").orderBy("id").execute(),
    workspaces: await all.selectFrom("workspace").selectAll().where("id", "!=", "wks_a").orderBy("id").execute(),
    accounts: await all.selectFrom("account").selectAll().orderBy("id").execute(),
    hidden: (await sql`select * from hidden`.execute(all)).rows,
  };
}
