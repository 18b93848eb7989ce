import { type Kysely, sql } from "kysely";
import type { Engine } from "../engine.ts";
import type { PolicyStore } from "../index.ts";
import type { CoreTables, PolicyCountRow } from "../tables.ts";

/** Rows of one statement: databases bound the number of its parameters. */
const ROWS_AT_ONCE = 100;

export function createPolicyStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): PolicyStore {
  /** Runs alone among those that change rules, so that revisions only grow and show every change. */
  function changing<R>(act: (trx: Kysely<CoreTables>, revision: number) => Promise<R>): Promise<R> {
    return db.transaction().execute(async (trx) => {
      await engine.holdName(trx, "policy rules");
      return act(trx, (await lastRevision(trx)) + 1);
    });
  }

  return {
    revision: () => lastRevision(db),
    list: () => db.selectFrom("policy_rule").selectAll().where("removed_at", "is", null).orderBy("revision").execute(),
    find: (workspaceId, place) => inForce(db).where("workspace_id", "=", workspaceId).where("place", "=", place).executeTakeFirst(),
    findById: (id) => inForce(db).where("id", "=", id).executeTakeFirst(),
    set: (rule) =>
      changing(async (trx, revision) => {
        await trx
          .updateTable("policy_rule")
          .set({ removed_at: rule.created_at, revision })
          .where("workspace_id", "=", rule.workspace_id)
          .where("place", "=", rule.place)
          .where("removed_at", "is", null)
          .execute();
        await trx
          .insertInto("policy_rule")
          .values({ ...rule, revision: revision + 1, removed_at: null })
          .execute();
      }),
    remove: (id, at) =>
      changing(async (trx, revision) => {
        const { numUpdatedRows } = await trx
          .updateTable("policy_rule")
          .set({ removed_at: at, revision })
          .where("id", "=", id)
          .where("removed_at", "is", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    async count(rows) {
      const totals: PolicyCountRow[] = [];
      for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) totals.push(...(await addCounts(db, rows.slice(i, i + ROWS_AT_ONCE))));
      return totals;
    },
    async sweepCounts(before) {
      await db.deleteFrom("policy_count").where("day", "<", before).execute();
    },
  };
}

function inForce(db: Kysely<CoreTables>) {
  return db.selectFrom("policy_rule").selectAll().where("removed_at", "is", null);
}

async function lastRevision(db: Kysely<CoreTables>): Promise<number> {
  const { last } = await db
    .selectFrom("policy_rule")
    .select((eb) => eb.fn.max<number | string | null>("revision").as("last"))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}

function addCounts(db: Kysely<CoreTables>, rows: readonly PolicyCountRow[]): Promise<PolicyCountRow[]> {
  return (
    db
      .insertInto("policy_count")
      // In one order, so that processes that add at the same time wait for each other and not in a circle.
      .values(rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)))
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "client_id", "place", "day"])
          .doUpdateSet({ calls: sql<number>`policy_count.calls + excluded.calls` }),
      )
      .returningAll()
      .execute()
  );
}

function keyOf({ workspace_id, client_id, place, day }: PolicyCountRow): string {
  return JSON.stringify([workspace_id, client_id, place, day]);
}
