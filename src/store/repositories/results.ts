import { type Kysely, sql } from "kysely";
import type { Engine } from "../engine.ts";
import type { ResultLimits, ResultStore } from "../index.ts";
import type { CoreTables, StoredResultRow } from "../tables.ts";

/** Rows of one statement: databases bound the number of its parameters. */
const ROWS_AT_ONCE = 50;

export function createResultStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): ResultStore {
  return {
    add: (rows, limits) =>
      db.transaction().execute(async (trx) => {
        const [first] = rows;
        if (first === undefined) return;
        // Without it, results that come at once would each find room for one more.
        await engine.holdName(trx, `results ${JSON.stringify([first.workspace_id, first.client_id, first.subject])}`);
        for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
          await trx
            .insertInto("stored_result")
            .values(rows.slice(i, i + ROWS_AT_ONCE))
            .execute();
        }
        await dropOldest(trx, first, limits);
      }),
    find: ({ id, part, workspaceId, clientId, subject, tool }, now) =>
      db
        .selectFrom("stored_result")
        .selectAll()
        .where("id", "=", id)
        .where("part", "=", part)
        .where("workspace_id", "=", workspaceId)
        .where("client_id", "=", clientId)
        .where("subject", "=", subject)
        .where("tool", "=", tool)
        .where("expires_at", ">", now)
        .executeTakeFirst(),
    async sweep(now) {
      const { numDeletedRows } = await db.deleteFrom("stored_result").where("expires_at", "<=", now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** Deletes the oldest results of the principal of this row until the rest is within the limits. */
async function dropOldest(trx: Kysely<CoreTables>, row: StoredResultRow, limits: ResultLimits): Promise<void> {
  const kept = await trx
    .selectFrom("stored_result")
    .select(["id", sql<number | string>`sum(bytes)`.as("total")])
    .where("workspace_id", "=", row.workspace_id)
    .where("client_id", "=", row.client_id)
    .where("subject", "=", row.subject)
    .groupBy("id")
    .orderBy(sql`max(created_at)`, "desc")
    .orderBy(sql`case when id = ${row.id} then 0 else 1 end`)
    .execute();
  let bytes = 0;
  const dropped = kept.filter(({ total }, i) => (bytes += Number(total)) > limits.bytes || i >= limits.results).map(({ id }) => id);
  if (dropped.length > 0) await trx.deleteFrom("stored_result").where("id", "in", dropped).execute();
}
