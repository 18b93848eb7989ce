import type { ApprovalRow } from "../store/index.ts";
import { admit } from "./admit.ts";
import type { Admission, ApprovalView, Asked } from "./approval.ts";
import type { ApprovalsDeps } from "./approvals-deps.ts";
import { decide, type Decided, type Decision } from "./decide.ts";
import { approversOf, mayAllDecide } from "./rights.ts";
import { viewOf } from "./view.ts";

export interface Approvals {
  /** What is to become of a call: it is approved, waits, or was refused. The first time, a request for approval is made. */
  admit(asked: Asked): Promise<Admission>;
  /** Uses an approval up. True for exactly one call, and only while those who approved still may. */
  use(id: string, decision: string): Promise<boolean>;
  /** An approval, for a person who may decide about it; undefined for everybody else, as for one that never was. */
  view(id: string, accountId: string): Promise<ApprovalView | undefined>;
  /** Those that wait in the workspaces where this person may decide, or in one of them. */
  queue(accountId: string, workspaceId?: string): Promise<readonly ApprovalView[]>;
  decide(id: string, accountId: string, decision: Decision): Promise<Decided>;
  close(): void;
}

/** Decided ones are kept to be looked at. */
const KEPT_MS = 30 * 86_400_000;
const SWEEP_MS = 3_600_000;

export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { now, store } = deps;
  const { approvals, db } = store;
  const sweeper = setInterval(() => void approvals.sweep(now() - KEPT_MS).catch(() => undefined), SWEEP_MS).unref();

  return {
    admit: (asked) => admit(deps, asked),
    use: (id, decision) => use(deps, id, decision),
    async view(id, accountId) {
      const row = await approvals.find(id);
      return row === undefined || !(await mayAllDecide(db, row, [accountId])) ? undefined : viewOf(deps, row, accountId);
    },
    async queue(accountId, workspaceId) {
      const all = db.selectFrom("member").select("workspace_id").where("account_id", "=", accountId);
      const memberships = await (workspaceId === undefined ? all : all.where("workspace_id", "=", workspaceId)).execute();
      const rows = (await Promise.all(memberships.map(({ workspace_id }) => approvals.waiting(workspace_id, now())))).flat();
      const mine: ApprovalRow[] = [];
      for (const row of rows) if (await mayAllDecide(db, row, [accountId])) mine.push(row);
      return Promise.all(mine.map((row) => viewOf(deps, row, accountId)));
    },
    decide: (id, accountId, decision) => decide(deps, id, { ...decision, accountId }),
    close: () => clearInterval(sweeper),
  };
}

async function use({ now, store: { approvals, db } }: ApprovalsDeps, id: string, decision: string): Promise<boolean> {
  const row = await approvals.find(id);
  if (row === undefined || row.state !== "approved" || row.expires_at <= now()) return false;
  if (await mayAllDecide(db, row, approversOf(row))) return approvals.change(row, { state: "used", decision });
  await approvals.change(row, { state: "void", decided_at: now() });
  return false;
}
