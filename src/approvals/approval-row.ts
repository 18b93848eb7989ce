import { createId } from "../lib/id.ts";
import { seal, unseal } from "../lib/secret.ts";
import type { ApprovalRow } from "../store/index.ts";
import type { Plan } from "../tool/index.ts";
import { digestCall, digestPlan, type Asked } from "./approval.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";

/** How long a request may wait for people. */
const WAITING_MS = 24 * 3_600_000;

export interface Contents {
  readonly arguments: unknown;
  readonly plan: Plan;
}

/** The row of a new request. */
export function newRow({ key, now }: ApprovalsDeps, asked: Asked): ApprovalRow {
  const id = createId("apr");
  const { workspaceId, clientId, subject, grantId } = asked.caller;
  const contents: Contents = { arguments: asked.shown ?? null, plan: asked.plan };
  return {
    id,
    workspace_id: workspaceId,
    client_id: clientId,
    subject,
    grant_id: grantId,
    tool: asked.tool,
    call_digest: digestCall(key, asked),
    plan_digest: digestPlan(asked.plan),
    sealed: seal(key, JSON.stringify(contents), contextOf(id)),
    state: "pending",
    approvers_needed: asked.approversNeeded,
    made_by: asked.madeBy.length === 0 ? null : JSON.stringify(asked.madeBy),
    approved_by: "[]",
    decided_by: null,
    reason: null,
    requested_at: now(),
    expires_at: now() + WAITING_MS,
    decided_at: null,
    decision: null,
  };
}

export function contentsOf({ key }: ApprovalsDeps, row: ApprovalRow): Contents {
  return JSON.parse(unseal(key, row.sealed, contextOf(row.id))) as Contents;
}

function contextOf(id: string): string {
  return `approval ${id}`;
}

/** What a decision names: the call and the plan that were seen. */
export function digestOf({ call_digest, plan_digest }: ApprovalRow): string {
  return `${call_digest.slice(0, 32)}${plan_digest.slice(0, 32)}`;
}

/** What records say about an approval. */
export function membersOf(row: ApprovalRow) {
  return {
    approval: row.id,
    agent: row.client_id,
    subject: row.subject,
    grant: row.grant_id,
    workspace: row.workspace_id,
    tool: row.tool,
    call_digest: row.call_digest,
    plan_digest: row.plan_digest,
  };
}
