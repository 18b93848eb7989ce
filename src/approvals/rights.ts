import type { ApprovalRow, Store } from "../store/index.ts";

const APPROVER_ROLES: readonly string[] = ["owner", "admin"];

/** Whether each of these people may decide about a call now: the person whom the agent acts for, and those who run the workspace. */
export async function mayAllDecide(db: Store["db"], row: ApprovalRow, accountIds: readonly string[]): Promise<boolean> {
  if (accountIds.length === 0) return true;
  const members = await db
    .selectFrom("member as m")
    .innerJoin("account as a", "a.id", "m.account_id")
    .where("m.workspace_id", "=", row.workspace_id)
    .where("m.account_id", "in", accountIds)
    .where("a.disabled_at", "is", null)
    .select(["m.account_id", "m.role"])
    .execute();
  return accountIds.every((id) => {
    const role = members.find(({ account_id }) => account_id === id)?.role;
    return role !== undefined && (row.subject === id || APPROVER_ROLES.includes(role));
  });
}

/** Whether nobody is among these people but the one who made the agent, which acts for no person. */
export async function isMadeBy(db: Store["db"], { client_id, subject }: ApprovalRow, accountIds: readonly string[]): Promise<boolean> {
  if (client_id !== subject) return false;
  const client = await db.selectFrom("client").select("created_by").where("id", "=", client_id).executeTakeFirst();
  return accountIds.every((id) => id === client?.created_by);
}

/** Ids of those who made the call in the agent's place. */
export function makersOf({ made_by }: ApprovalRow): readonly string[] {
  return made_by === null ? [] : (JSON.parse(made_by) as string[]);
}

/** Ids of those who approved. */
export function approversOf({ approved_by }: ApprovalRow): readonly string[] {
  return JSON.parse(approved_by) as string[];
}
