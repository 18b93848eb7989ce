/** How far the records of a chain were passed on to another place. */
import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import type { CoreTables } from "../tables.ts";

export interface FeedProgressRow {
  readonly chain: string;
  /** SHA-256 of the address, hex: another address begins anew. */
  readonly target_hash: string;
  readonly through_seq: number;
}

export interface FeedStore {
  /** The last record that was passed on; undefined when none ever was. */
  through(chain: string, targetHash: string): Promise<number | undefined>;
  save(progress: FeedProgressRow): Promise<void>;
}

export function createFeedStore(db: Kysely<CoreTables>): FeedStore {
  return {
    async through(chain, targetHash) {
      const row = await db
        .selectFrom("feed_progress")
        .select("through_seq")
        .where("chain", "=", chain)
        .where("target_hash", "=", targetHash)
        .executeTakeFirst();
      return row?.through_seq;
    },
    async save(progress) {
      await db
        .insertInto("feed_progress")
        .values(progress)
        .onConflict((conflict) => conflict.columns(["chain", "target_hash"]).doUpdateSet({ through_seq: progress.through_seq }))
        .execute();
    },
  };
}

/** Migration `0016-feeds`. */
export async function createFeedTable(_db: Kysely<unknown>, { createTable, bigint }: MigrationContext): Promise<void> {
  await createTable("feed_progress")
    .addColumn("chain", "text", (c) => c.notNull())
    .addColumn("target_hash", "text", (c) => c.notNull())
    .addColumn("through_seq", bigint, (c) => c.notNull())
    .addPrimaryKeyConstraint("feed_progress_key", ["chain", "target_hash"])
    .execute();
}
