import type { Kysely } from "kysely";

/** Who made an agent: that person alone may not approve what it does. */
export async function createClientCreator(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("client").addColumn("created_by", "text").execute();
}
