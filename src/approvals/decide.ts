import type { ApprovalRow } from "../store/index.ts";
import { digestOf, membersOf } from "./approval-row.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";
import { approversOf, isMadeBy, makersOf, mayAllDecide } from "./rights.ts";

/** What came of a decision: the state of the request, or a sentence for the person. */
export type Decided = { readonly state: "pending" | "approved" | "refused" } | { readonly problem: string };

export interface Decision {
  readonly isApproved: boolean;
  /** Of what the person saw. */
  readonly digest: string;
  readonly reason: string | null;
}

interface Deciding extends Decision {
  readonly accountId: string;
}

/** How long an approval is good for its call. */
const APPROVED_MS = 3_600_000;
const BY_ANOTHER = { problem: "Somebody else decided at the same moment. Look at it again." };

/** Takes the decision of a person about exactly what they saw. It is on record before it counts. */
export async function decide(deps: ApprovalsDeps, id: string, deciding: Deciding): Promise<Decided> {
  const row = await deps.store.approvals.find(id);
  if (row === undefined) return { problem: "There is no such request." };
  if (!(await mayAllDecide(deps.store.db, row, [deciding.accountId]))) {
    await deps.record({ event: "approval.forbidden", ...membersOf(row), by: deciding.accountId });
    return { problem: "You may not decide about this. Ask an owner or admin of the workspace." };
  }
  if (row.state !== "pending" || row.expires_at <= deps.now()) return { problem: "This was decided already, or its time is over." };
  if (deciding.digest !== digestOf(row)) return { problem: "What is asked for has changed. Look at it again." };
  return deciding.isApproved ? approve(deps, row, deciding) : refuseCall(deps, row, deciding);
}

async function refuseCall({ record, store, now }: ApprovalsDeps, row: ApprovalRow, { accountId, reason }: Deciding): Promise<Decided> {
  await record({ event: "approval.refused", ...membersOf(row), by: accountId, reason });
  const isDone = await store.approvals.change(row, { state: "refused", decided_by: accountId, decided_at: now(), reason });
  return isDone ? { state: "refused" } : BY_ANOTHER;
}

async function approve({ record, store, now }: ApprovalsDeps, row: ApprovalRow, { accountId, reason }: Deciding): Promise<Decided> {
  const approvers = approversOf(row);
  if (approvers.includes(accountId)) return { problem: "You approved this already. It needs another person." };
  if (makersOf(row).includes(accountId)) {
    await record({ event: "approval.forbidden", ...membersOf(row), by: accountId });
    return { problem: "You made this call yourself, so somebody else has to approve it." };
  }
  const all = [...approvers, accountId];
  if (all.length >= row.approvers_needed && (await isMadeBy(store.db, row, all))) {
    await record({ event: "approval.forbidden", ...membersOf(row), by: accountId });
    return { problem: "You made this agent, so somebody else has to approve what it does." };
  }
  const state = all.length >= row.approvers_needed ? "approved" : "pending";
  await record({ event: "approval.given", ...membersOf(row), by: accountId, given: all.length, needed: row.approvers_needed });
  const change = { state, approved_by: JSON.stringify(all), decided_by: accountId, decided_at: now(), reason } as const;
  const until = state === "approved" ? { expires_at: now() + APPROVED_MS } : {};
  return (await store.approvals.change(row, { ...change, ...until })) ? { state } : BY_ANOTHER;
}
