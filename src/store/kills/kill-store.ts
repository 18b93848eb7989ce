import type { ExpressionBuilder, Kysely } from "kysely";
import type { CoreTables } from "../tables.ts";
import { endRows } from "./end-rows.ts";
import type { KillKind, KillStore } from "./kill-rows.ts";

/** The others are in force through the rows of agents, grants and people. */
const STANDING: readonly KillKind[] = ["tool", "environment", "workspace"];

export function createKillStore(db: Kysely<CoreTables>): KillStore {
  return {
    add: (row) =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto("kill").values(row).execute();
        if (row.kind === "workspace") await setStopped(trx, row.value, row.ordered_at);
      }),
    list(limit, workspaceId) {
      const all = db.selectFrom("kill").selectAll().orderBy("ordered_at", "desc").orderBy("id").limit(limit);
      return (workspaceId === undefined ? all : all.where(isWithin(workspaceId))).execute();
    },
    find: (id) => db.selectFrom("kill").selectAll().where("id", "=", id).executeTakeFirst(),
    standing: () =>
      db
        .selectFrom("kill")
        .select(["id", "kind", "value", "workspace_id"])
        .where("lifted_at", "is", null)
        .where("kind", "in", STANDING)
        .orderBy("id")
        .execute(),
    waiting: (after) =>
      db
        .selectFrom("kill")
        .selectAll()
        .where("lifted_at", "is", null)
        .where("refused", "is", null)
        .where("ordered_at", ">", after)
        .orderBy("id")
        .execute(),
    end: (kill, at) => endRows(db, kill, at),
    unapplied: () =>
      db.selectFrom("kill").selectAll().where("applied_at", "is", null).where("lifted_at", "is", null).orderBy("ordered_at").execute(),
    async apply(id, applied) {
      await db.updateTable("kill").set(applied).where("id", "=", id).execute();
    },
    async refuse(id, refused) {
      const { numUpdatedRows } = await db
        .updateTable("kill")
        .set({ refused })
        .where("id", "=", id)
        .where("refused", "is", null)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows) > 0;
    },
    lift: (id, at) => db.transaction().execute((trx) => lift(trx, id, at)),
  };
}

/** Agents that were made elsewhere, and people who belong elsewhere too, are more than this workspace's. */
function isWithin(workspaceId: string) {
  return (eb: ExpressionBuilder<CoreTables, "kill">) => {
    const agents = eb.selectFrom("client").select("id").where("workspace_id", "=", workspaceId);
    const members = eb.selectFrom("member").select("account_id");
    return eb.or([
      eb("workspace_id", "=", workspaceId),
      eb.and([eb("kind", "=", "agent"), eb("value", "in", agents)]),
      eb.and([
        eb("kind", "=", "user"),
        eb("value", "in", members.where("workspace_id", "=", workspaceId)),
        eb("value", "not in", members.where("workspace_id", "!=", workspaceId)),
      ]),
    ]);
  };
}

async function lift(trx: Kysely<CoreTables>, id: string, at: number): Promise<number | undefined> {
  const lifted = await trx
    .updateTable("kill")
    .set({ lifted_at: at })
    .where("id", "=", id)
    .where("lifted_at", "is", null)
    .returning(["kind", "value", "ordered_at"])
    .executeTakeFirst();
  if (lifted === undefined) return undefined;
  const ofTarget = await trx
    .selectFrom("kill")
    .select(["ordered_at", "lifted_at"])
    .where("kind", "=", lifted.kind)
    .where("value", "=", lifted.value)
    .orderBy("ordered_at", "desc")
    .execute();
  if (ofTarget.some(({ lifted_at }) => lifted_at === null)) return undefined;
  if (lifted.kind === "workspace") await setStopped(trx, lifted.value, null);
  return ofTarget.reduce((since, each) => ((each.lifted_at ?? at) >= since ? Math.min(since, each.ordered_at) : since), lifted.ordered_at);
}

async function setStopped(db: Kysely<CoreTables>, workspaceId: string, at: number | null): Promise<void> {
  await db.updateTable("workspace").set({ stopped_at: at }).where("id", "=", workspaceId).execute();
}
