/** What the server offered at its starts, and under which of that each grant was given. */
import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import type { CoreTables } from "../tables.ts";

export interface SurfaceRow {
  /** Of the canonical form of `body`, hex. */
  readonly sha256: string;
  /** The surface as JSON. */
  readonly body: string;
  /** When a server last started with it. */
  readonly served_at: number;
}

export interface SurfaceStore {
  /** What a server last started with. */
  latest(): Promise<SurfaceRow | undefined>;
  find(sha256: string): Promise<SurfaceRow | undefined>;
  /** Inserts the row, or moves `served_at` of the one that is there. */
  put(row: SurfaceRow): Promise<void>;
  /** Puts this surface to all that people allowed before surfaces were kept. */
  adopt(sha256: string): Promise<void>;
  /** Deletes those that no server started with since, and under which nothing stands. */
  sweep(before: number): Promise<void>;
}

export function createSurfaceStore(db: Kysely<CoreTables>): SurfaceStore {
  return {
    latest: () => db.selectFrom("tool_surface").selectAll().orderBy("served_at", "desc").orderBy("sha256").limit(1).executeTakeFirst(),
    find: (sha256) => db.selectFrom("tool_surface").selectAll().where("sha256", "=", sha256).executeTakeFirst(),
    async put(row) {
      await db
        .insertInto("tool_surface")
        .values(row)
        .onConflict((conflict) => conflict.column("sha256").doUpdateSet({ served_at: row.served_at }))
        .execute();
    },
    async adopt(sha256) {
      await db.updateTable("access_grant").set({ surface: sha256 }).where("kind", "=", "person").where("surface", "is", null).execute();
    },
    async sweep(before) {
      await db
        .deleteFrom("tool_surface")
        .where("served_at", "<", before)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("access_grant")
                .select("access_grant.id")
                .whereRef("access_grant.surface", "=", "tool_surface.sha256")
                .where("access_grant.revoked_at", "is", null),
            ),
          ),
        )
        .execute();
    },
  };
}

/** Migration `0019-manifest`. */
export async function createSurfaceTable(db: Kysely<unknown>, { createTable, bigint }: MigrationContext): Promise<void> {
  await createTable("tool_surface")
    .addColumn("sha256", "text", (c) => c.notNull().primaryKey())
    .addColumn("body", "text", (c) => c.notNull())
    .addColumn("served_at", bigint, (c) => c.notNull())
    .execute();
  await db.schema.alterTable("access_grant").addColumn("surface", "text").execute();
}
