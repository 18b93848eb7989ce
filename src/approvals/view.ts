import type { ApprovalRow } from "../store/index.ts";
import type { ApprovalView } from "./approval.ts";
import { contentsOf, digestOf } from "./approval-row.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";
import { approversOf, makersOf } from "./rights.ts";

/** An approval as a person sees it who may decide about it. */
export async function viewOf(deps: ApprovalsDeps, row: ApprovalRow, accountId: string): Promise<ApprovalView> {
  const approvers = approversOf(row);
  const makers = makersOf(row);
  const { client, workspace, emailOf } = await namesOf(deps, row, [...approvers, ...makers]);
  const tool = deps.describeTool(row.tool);
  const isOver = row.expires_at <= deps.now() && (row.state === "pending" || row.state === "approved");
  return {
    id: row.id,
    state: isOver ? "expired" : row.state,
    clientId: row.client_id,
    clientName: client?.name ?? "",
    madeBy: makers.map(emailOf).find((email) => email !== undefined) ?? null,
    actsFor: emailOf(row.subject) ?? null,
    workspaceName: workspace?.name ?? "",
    tool: row.tool,
    toolTitle: tool?.title ?? row.tool,
    effect: tool?.effect ?? "destructive",
    ...contentsOf(deps, row),
    digest: digestOf(row),
    approversNeeded: row.approvers_needed,
    approvedBy: approvers.map((id) => emailOf(id) ?? id),
    hasApproved: approvers.includes(accountId),
    reason: row.reason,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
  };
}

async function namesOf({ store: { db } }: ApprovalsDeps, row: ApprovalRow, others: readonly string[]) {
  const [client, workspace, people] = await Promise.all([
    db.selectFrom("client").select("name").where("id", "=", row.client_id).executeTakeFirst(),
    db.selectFrom("workspace").select("name").where("id", "=", row.workspace_id).executeTakeFirst(),
    db
      .selectFrom("account")
      .select(["id", "email"])
      .where("id", "in", [row.subject, ...others])
      .execute(),
  ]);
  return { client, workspace, emailOf: (id: string) => people.find((person) => person.id === id)?.email };
}
