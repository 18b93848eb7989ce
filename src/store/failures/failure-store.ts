import { type Kysely, sql } from "kysely";
import type { Engine } from "../engine.ts";
import type { CoreTables } from "../tables.ts";
import type { FailureRow, FailureStore } from "./failure-rows.ts";

/** Rows of one statement: databases bound the number of its parameters. */
const ROWS_AT_ONCE = 50;
/** More agents than this are not told apart. */
const MAX_AGENTS = 8;

export function createFailureStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): FailureStore {
  return {
    async through(chain) {
      const row = await db.selectFrom("failure_progress").select("through_seq").where("chain", "=", chain).executeTakeFirst();
      return row?.through_seq ?? 0;
    },
    add: (rows, progress) =>
      db.transaction().execute(async (trx) => {
        // One at a time, since what is there is read and added to.
        await engine.holdName(trx, "failures");
        for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) await addRows(trx, rows.slice(i, i + ROWS_AT_ONCE));
        await trx
          .insertInto("failure_progress")
          .values(progress)
          .onConflict((conflict) => conflict.column("chain").doUpdateSet({ through_seq: progress.through_seq }))
          .execute();
      }),
    list({ workspaceId, cause, target, since, limit }) {
      let query = db.selectFrom("failure_cluster").selectAll();
      if (workspaceId !== undefined) query = query.where("workspace_id", "=", workspaceId);
      if (cause !== undefined) query = query.where("cause", "=", cause);
      if (target !== undefined) query = query.where("target", "=", target);
      if (since !== undefined) query = query.where("last_at", ">=", since);
      return query.orderBy("calls", "desc").orderBy("last_at", "desc").orderBy("id").limit(limit).execute();
    },
    find: (id) => db.selectFrom("failure_cluster").selectAll().where("id", "=", id).executeTakeFirst(),
    async sweep({ before, maxRows }) {
      await db.deleteFrom("failure_cluster").where("last_at", "<", before).execute();
      const full = await db
        .selectFrom("failure_cluster")
        .select("workspace_id")
        .groupBy("workspace_id")
        .having((eb) => eb.fn.countAll(), ">", maxRows)
        .execute();
      for (const { workspace_id: workspaceId } of full) await keepMostFrequent(db, workspaceId, maxRows);
    },
  };
}

async function addRows(trx: Kysely<CoreTables>, rows: readonly FailureRow[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const present = await trx.selectFrom("failure_cluster").select(["id", "agents"]).where("id", "in", ids).execute();
  const agentsOf = new Map(present.map(({ id, agents }) => [id, agents]));
  await trx
    .insertInto("failure_cluster")
    .values(rows.map((row) => ({ ...row, agents: union(agentsOf.get(row.id) ?? "[]", row.agents) })))
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({
        calls: sql<number>`failure_cluster.calls + excluded.calls`,
        agents: sql<string>`excluded.agents`,
        last_at: sql<number>`excluded.last_at`,
        expected: sql<string>`excluded.expected`,
        suggestion: sql<string>`excluded.suggestion`,
        decision: sql<string>`excluded.decision`,
        example: sql<string>`excluded.example`,
      }),
    )
    .execute();
}

function union(before: string, added: string): string {
  const all = new Set([...(JSON.parse(before) as string[]), ...(JSON.parse(added) as string[])]);
  return JSON.stringify([...all].slice(0, MAX_AGENTS));
}

async function keepMostFrequent(db: Kysely<CoreTables>, workspaceId: string, maxRows: number): Promise<void> {
  const kept = db
    .selectFrom("failure_cluster")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .orderBy("calls", "desc")
    .orderBy("last_at", "desc")
    .orderBy("id")
    .limit(maxRows);
  await db.deleteFrom("failure_cluster").where("workspace_id", "=", workspaceId).where("id", "not in", kept).execute();
}
