/** How clients came to be connected, or did not. */
import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import type { CoreTables } from "../tables.ts";

export interface ConnectionRow {
  readonly id: string;
  readonly started_at: number;
  readonly updated_at: number;
  /** How far it came: the index of the furthest step. */
  readonly depth: number;
  readonly body: string;
}

export interface ConnectionStore {
  put(rows: readonly ConnectionRow[]): Promise<void>;
  find(id: string): Promise<ConnectionRow | undefined>;
  /** The newest first. */
  list(query: { readonly since: number; readonly limit: number }): Promise<readonly ConnectionRow[]>;
  /** Keeps so many of the newest, and of those that came no further than the first step so many. */
  prune(kept: { readonly since: number; readonly rows: number; readonly shallow: number }): Promise<void>;
}

export function createConnectionStore(db: Kysely<CoreTables>): ConnectionStore {
  return {
    async put(rows) {
      for (const row of rows) {
        const { id: _id, started_at: _startedAt, ...changed } = row;
        await db
          .insertInto("connection_attempt")
          .values(row)
          .onConflict((conflict) => conflict.column("id").doUpdateSet(changed))
          .execute();
      }
    },
    find: (id) => db.selectFrom("connection_attempt").selectAll().where("id", "=", id).executeTakeFirst(),
    list: ({ since, limit }) =>
      db
        .selectFrom("connection_attempt")
        .selectAll()
        .where("updated_at", ">=", since)
        .orderBy("updated_at", "desc")
        .orderBy("id")
        .limit(limit)
        .execute(),
    async prune({ since, rows, shallow }) {
      await db.deleteFrom("connection_attempt").where("updated_at", "<", since).execute();
      for (const [limit, depth] of [
        [rows, undefined],
        [shallow, 0],
      ] as const) {
        let newest = db.selectFrom("connection_attempt").select("updated_at").orderBy("updated_at", "desc").offset(limit).limit(1);
        if (depth !== undefined) newest = newest.where("depth", "=", depth);
        const first = await newest.executeTakeFirst();
        if (first === undefined) continue;
        let old = db.deleteFrom("connection_attempt").where("updated_at", "<=", first.updated_at);
        if (depth !== undefined) old = old.where("depth", "=", depth);
        await old.execute();
      }
    },
  };
}

/** Migration `0017-connections`. */
export async function createConnectionTable(db: Kysely<unknown>, { createTable, bigint }: MigrationContext): Promise<void> {
  await createTable("connection_attempt")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("started_at", bigint, (c) => c.notNull())
    .addColumn("updated_at", bigint, (c) => c.notNull())
    .addColumn("depth", "integer", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("connection_by_time").on("connection_attempt").columns(["depth", "updated_at"]).execute();
}
