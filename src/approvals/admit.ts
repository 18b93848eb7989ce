import type { ApprovalRow } from "../store/index.ts";
import type { Admission, Asked } from "./approval.ts";
import { contentsOf, membersOf, newRow } from "./approval-row.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";
import { diffPlans } from "./describe-plan.ts";

/** For so long a refused call is not put before people again. */
const REFUSED_MS = 600_000;

/** What is to become of a call: it is approved, waits, or was refused. The first time, a request for approval is made. */
export async function admit(deps: ApprovalsDeps, asked: Asked): Promise<Admission> {
  const { now, store, url } = deps;
  const wanted = newRow(deps, asked);
  const { row, changed } = await current(deps, asked, wanted);
  if (row?.state === "approved") return { state: "approved", id: row.id };
  const refused = row === undefined ? await store.approvals.findRefused(wanted.call_digest, now() - REFUSED_MS) : undefined;
  if (refused !== undefined) return { state: "refused", id: refused.id, reason: refused.reason };
  const { id, expires_at } = row ?? (await request(deps, asked, wanted));
  return { state: "waiting", id, url: `${url}/approvals/${id}`, expiresAt: expires_at, changed };
}

/** The open row, unless its time is over or what it was about has changed: then it is closed, and why is told. */
async function current(
  deps: ApprovalsDeps,
  asked: Asked,
  wanted: ApprovalRow,
): Promise<{ readonly row?: ApprovalRow; readonly changed?: string }> {
  const { approvals } = deps.store;
  const row = await approvals.findOpen(wanted.call_digest);
  if (row === undefined) return {};
  const isOver = row.expires_at <= deps.now();
  if (!isOver && row.plan_digest === wanted.plan_digest) return { row };
  await approvals.change(row, { state: "void", decided_at: deps.now() });
  if (isOver) return {};
  await deps.record({ event: "approval.outdated", ...membersOf(row) });
  return { changed: diffPlans(contentsOf(deps, row).plan, asked.plan) };
}

async function request({ record, store }: ApprovalsDeps, { plan }: Asked, wanted: ApprovalRow): Promise<ApprovalRow> {
  await record({ event: "approval.requested", ...membersOf(wanted), summary: plan.summary, rows: plan.rows });
  // Another call at the same time may have asked; both then wait for that.
  for (;;) {
    const present = await store.approvals.open(wanted);
    if (present !== undefined) return present;
  }
}
