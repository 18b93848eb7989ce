import type { Kysely } from "kysely";
import type { ApprovalStore } from "../index.ts";
import type { ApprovalRow, CoreTables } from "../tables.ts";

const MAX_LISTED = 200;
const OPEN: readonly ApprovalRow["state"][] = ["pending", "approved"];

export function createApprovalStore(db: Kysely<CoreTables>): ApprovalStore {
  function findOpen(callDigest: string): Promise<ApprovalRow | undefined> {
    return db.selectFrom("approval").selectAll().where("call_digest", "=", callDigest).where("state", "in", OPEN).executeTakeFirst();
  }
  return {
    async open(row) {
      const created = await db
        .insertInto("approval")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      return created === undefined ? await findOpen(row.call_digest) : row;
    },
    findOpen,
    find: (id) => db.selectFrom("approval").selectAll().where("id", "=", id).executeTakeFirst(),
    findRefused: (callDigest, since) =>
      db
        .selectFrom("approval")
        .selectAll()
        .where("call_digest", "=", callDigest)
        .where("state", "=", "refused")
        .where("decided_at", ">=", since)
        .orderBy("decided_at", "desc")
        .limit(1)
        .executeTakeFirst(),
    async change(row, set) {
      const { numUpdatedRows } = await db
        .updateTable("approval")
        .set(set)
        .where("id", "=", row.id)
        .where("state", "=", row.state)
        .where("approved_by", "=", row.approved_by)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    waiting: (workspaceId, now) =>
      db
        .selectFrom("approval")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("state", "=", "pending")
        .where("expires_at", ">", now)
        .orderBy("requested_at")
        .orderBy("id")
        .limit(MAX_LISTED)
        .execute(),
    countWaiting: (workspaceId, clientId, now) => countWaiting(db, { workspaceId, clientId, now }),
    async sweep(before) {
      await db.deleteFrom("approval").where("expires_at", "<", before).execute();
    },
  };
}

interface Waiting {
  readonly workspaceId: string;
  readonly clientId: string;
  readonly now: number;
}

async function countWaiting(db: Kysely<CoreTables>, { workspaceId, clientId, now }: Waiting): Promise<number> {
  const { count } = await db
    .selectFrom("approval")
    .select(({ fn }) => fn.countAll<number | string | bigint>().as("count"))
    .where("workspace_id", "=", workspaceId)
    .where("state", "=", "pending")
    .where("client_id", "=", clientId)
    .where("expires_at", ">", now)
    .executeTakeFirstOrThrow();
  return Number(count);
}
