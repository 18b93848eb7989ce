import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";

/** What lets a change be refused when something changed meanwhile, and a deletion be taken back. */
export async function createChangeColumns(db: Kysely<unknown>, { bigint }: MigrationContext): Promise<void> {
  await db.schema
    .alterTable("member")
    .addColumn("version", bigint, (c) => c.notNull().defaultTo(1))
    .execute();
  await db.schema.alterTable("environment").addColumn("deleted_at", bigint).execute();
}
