import type { ApprovalRow } from "../store/index.ts";
import type { Admission, Asked } from "./approval.ts";
import { contentsOf, membersOf, newRow } from "./approval-row.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";
import { diffPlans } from "./describe-plan.ts";

/** For so long a refused call is not put before people again. */
const REFUSED_MS = 600_000;
const MAX_SHOWN_CHARS = 128 * 1024;
/** Of one agent: those of others are not to be lost among them. */
const MOST_WAITING = 20;

/** What is to become of a call: it is approved, waits, or was refused. The first time, a request for approval is made. */
export async function admit(deps: ApprovalsDeps, asked: Asked): Promise<Admission> {
  const { now, store, url } = deps;
  const wanted = newRow(deps, asked);
  const { row, changed } = await current(deps, asked, wanted);
  if (row?.state === "approved") return { state: "approved", id: row.id };
  const refused = row === undefined ? await store.approvals.findRefused(wanted.call_digest, now() - REFUSED_MS) : undefined;
  if (refused !== undefined) return { state: "refused", id: refused.id, reason: refused.reason };
  const why = row === undefined ? await whyNot(deps, asked, wanted) : undefined;
  if (why !== undefined) return { state: "not_asked", why };
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

/** What keeps a call from being put before people: they could not look through it, or the agent buries them. */
async function whyNot({ store, now }: ApprovalsDeps, { shown, plan }: Asked, wanted: ApprovalRow): Promise<string | undefined> {
  if (JSON.stringify([shown, plan]).length > MAX_SHOWN_CHARS)
    return `Its arguments are larger than ${MAX_SHOWN_CHARS / 1024} KiB, which nobody can look through. Make the change in smaller parts.`;
  const waiting = await store.approvals.countWaiting(wanted.workspace_id, wanted.client_id, now());
  return waiting < MOST_WAITING
    ? undefined
    : `${MOST_WAITING} calls of this agent wait for people already. Ask them to decide about those before you call for more.`;
}

async function request({ record, store }: ApprovalsDeps, { plan }: Asked, wanted: ApprovalRow): Promise<ApprovalRow> {
  await record({ event: "approval.requested", ...membersOf(wanted), summary: plan.summary, rows: plan.rows });
  // Another call at the same time may have asked; both then wait for that.
  for (;;) {
    const present = await store.approvals.open(wanted);
    if (present !== undefined) return present;
  }
}
