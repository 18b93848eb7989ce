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

/** Ids of those who approved. */
export function approversOf({ approved_by }: ApprovalRow): readonly string[] {
  return JSON.parse(approved_by) as string[];
}
