import type { Kysely } from "kysely";
import type { CoreTables, GrantRow } from "../tables.ts";
import type { EndedRows, KillRow } from "./kill-rows.ts";

type Target = Pick<KillRow, "kind" | "value" | "workspace_id">;
type Owner = Partial<Pick<GrantRow, "workspace_id" | "client_id" | "subject">>;
type Columns = readonly (readonly [keyof Owner | "tool", string])[];

/** Ends refresh tokens, sessions, tasks and requests for approval of what is killed; of an environment, no row says that it is about it. */
export async function endRows(db: Kysely<CoreTables>, target: Target, at: number): Promise<EndedRows> {
  const owner = await ownerOf(db, target);
  const columns = Object.entries(owner ?? toolOf(target)) as unknown as Columns;
  if (columns.length === 0) return { refresh_tokens: 0, sessions: 0, tasks: 0, approvals: 0 };
  return {
    refresh_tokens: owner === undefined ? 0 : await endRefreshTokens(db, target, owner),
    sessions: owner === undefined ? 0 : await endSessions(db, owner),
    tasks: await endTasks(db, columns, at),
    approvals: await endApprovals(db, columns, at),
  };
}

/** To whom such rows belong; undefined for what is nobody's. */
async function ownerOf(db: Kysely<CoreTables>, { kind, value }: Target): Promise<Owner | undefined> {
  switch (kind) {
    case "agent":
      return { client_id: value };
    case "user":
      return { subject: value };
    case "workspace":
      return { workspace_id: value };
    case "grant":
      // What is kept is kept for agent and person, whatever the grant.
      return db.selectFrom("access_grant").select(["workspace_id", "client_id", "subject"]).where("id", "=", value).executeTakeFirst();
    default:
      return undefined;
  }
}

function toolOf({ kind, value, workspace_id }: Target): Readonly<Record<string, string>> {
  if (kind !== "tool") return {};
  return { tool: value, ...(workspace_id === null ? {} : { workspace_id }) };
}

/** A refresh under way inserts what a delete begun before cannot see, hence until nothing is left. */
async function endRefreshTokens(db: Kysely<CoreTables>, { kind, value }: Target, owner: Owner): Promise<number> {
  for (let ended = 0; ;) {
    const { numDeletedRows } = await db
      .deleteFrom("refresh_token")
      .where((eb) => {
        if (kind === "grant") return eb("grant_id", "=", value);
        let grants = eb.selectFrom("access_grant").select("id");
        for (const [column, each] of Object.entries(owner)) grants = grants.where(column as keyof Owner, "=", each);
        return eb("grant_id", "in", grants);
      })
      .executeTakeFirst();
    if (numDeletedRows === 0n) return ended;
    ended += Number(numDeletedRows);
  }
}

async function endSessions(db: Kysely<CoreTables>, owner: Owner): Promise<number> {
  let query = db.deleteFrom("mcp_session");
  for (const [column, value] of Object.entries(owner)) query = query.where(column as keyof Owner, "=", value);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** A run of one finds that its row is another by then, and leaves it so. */
async function endTasks(db: Kysely<CoreTables>, columns: Columns, at: number): Promise<number> {
  let query = db
    .updateTable("mcp_task")
    .set((eb) => ({
      status: "cancelled" as const,
      status_message: "The access that started it was revoked.",
      sealed_state: null,
      updated_at: at,
      version: eb("version", "+", 1),
    }))
    .where("status", "in", ["working", "input_required"]);
  for (const [column, value] of columns) query = query.where(column, "=", value);
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}

async function endApprovals(db: Kysely<CoreTables>, columns: Columns, at: number): Promise<number> {
  let query = db.updateTable("approval").set({ state: "void", decided_at: at }).where("state", "in", ["pending", "approved"]);
  for (const [column, value] of columns) query = query.where(column, "=", value);
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}
