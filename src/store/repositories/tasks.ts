import type { Kysely } from "kysely";
import type { Engine } from "../engine.ts";
import type { TaskLimits, TaskOwner, TaskStore } from "../index.ts";
import type { CoreTables, TaskRow } from "../tables.ts";

export function createTaskStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): TaskStore {
  return {
    create: (row, limits) =>
      db.transaction().execute(async (trx) => {
        // Without it, calls that come at once would each find room for one more.
        await engine.holdName(trx, `tasks ${JSON.stringify([row.workspace_id, row.client_id])}`);
        const { unfinished, kept } = await count(trx, row);
        if (unfinished >= limits.unfinished) return "too_many_unfinished";
        if (kept >= limits.kept) return "too_many_kept";
        await trx.insertInto("mcp_task").values(row).execute();
        return "created";
      }),
    find: (id, owner, now) => owned(db, owner, now).where("id", "=", id).executeTakeFirst(),
    findAll: (ids, owner, now) => (ids.length === 0 ? Promise.resolve([]) : owned(db, owner, now).where("id", "in", ids).execute()),
    async change(id, version, change) {
      const { numUpdatedRows } = await db
        .updateTable("mcp_task")
        .set({ ...change, version: version + 1 })
        .where("id", "=", id)
        .where("version", "=", version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async note(id, version, { message, at }) {
      await db
        .updateTable("mcp_task")
        .set({ status_message: message, updated_at: at })
        .where("id", "=", id)
        .where("version", "=", version)
        .execute();
    },
    async renew(ids, instance, leaseUntil) {
      const renewed = await db
        .updateTable("mcp_task")
        .set({ lease_until: leaseUntil })
        .where("id", "in", ids)
        .where("instance", "=", instance)
        .where("status", "=", "working")
        .returning("id")
        .execute();
      return renewed.map(({ id }) => id);
    },
    async remove(id) {
      await db.deleteFrom("mcp_task").where("id", "=", id).execute();
    },
    async sweep(now) {
      const { numDeletedRows } = await db.deleteFrom("mcp_task").where("expires_at", "<=", now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function owned(db: Kysely<CoreTables>, owner: TaskOwner, now: number) {
  return db
    .selectFrom("mcp_task")
    .selectAll()
    .where("workspace_id", "=", owner.workspaceId)
    .where("client_id", "=", owner.clientId)
    .where("subject", "=", owner.subject)
    .where("expires_at", ">", now);
}

/** What an agent has. A task that nobody runs any more, because its process went away, is not counted as unfinished. */
async function count(db: Kysely<CoreTables>, row: TaskRow): Promise<TaskLimits> {
  const rows = await db
    .selectFrom("mcp_task")
    .select(["status", "lease_until"])
    .where("workspace_id", "=", row.workspace_id)
    .where("client_id", "=", row.client_id)
    .where("expires_at", ">", row.created_at)
    .execute();
  const unfinished = rows.filter(
    ({ status, lease_until }) => status === "input_required" || (status === "working" && lease_until > row.created_at),
  );
  return { unfinished: unfinished.length, kept: rows.length };
}
