import type { Clock } from "../lib/clock.ts";
import { createId } from "../lib/id.ts";
import { seal, unseal } from "../lib/secret.ts";
import type { ApprovalRow, Store } from "../store/index.ts";
import type { Effect, Plan } from "../tool/index.ts";
import { digestCall, digestPlan, type Admission, type ApprovalView, type Asked } from "./approval.ts";
import { diffPlans } from "./describe-plan.ts";

export interface ApprovalsDeps {
  readonly store: Pick<Store, "approvals" | "db">;
  /** Encrypts arguments and plans at rest. */
  readonly key: Uint8Array;
  /** The public origin. */
  readonly url: string;
  readonly now: Clock;
  /** Resolves when the event is on record. */
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  /** Undefined for a tool that is gone. */
  readonly describeTool: (name: string) => { readonly title: string; readonly effect: Effect } | undefined;
}

/** What came of a decision: the row's new state, or a sentence for the person. */
export type Decided = { readonly state: "pending" | "approved" | "refused" } | { readonly problem: string };

export interface Decision {
  readonly isApproved: boolean;
  /** Of what the person saw. */
  readonly digest: string;
  readonly reason: string | null;
}

export interface Approvals {
  /** What is to become of a call: it is approved, waits, or was refused. The first time, a request for approval is made. */
  admit(asked: Asked): Promise<Admission>;
  /** Uses an approval up. True for exactly one call, and only while those who approved still may. */
  use(id: string, decision: string): Promise<boolean>;
  /** An approval, for a person who may decide about it; undefined for everybody else, as for one that never was. */
  view(id: string, accountId: string): Promise<ApprovalView | undefined>;
  /** Those that wait in the workspaces where this person may decide. */
  queue(accountId: string): Promise<readonly ApprovalView[]>;
  decide(id: string, accountId: string, decision: Decision): Promise<Decided>;
  sweep(): Promise<void>;
}

/** How long a request may wait for people. */
const WAITING_MS = 24 * 3_600_000;
/** How long an approval is good for its call. */
const APPROVED_MS = 3_600_000;
/** For so long a refused call is not put before people again. */
const REFUSED_MS = 600_000;
/** Decided ones are kept to be looked at. */
const KEPT_MS = 30 * 86_400_000;
const APPROVER_ROLES: readonly string[] = ["owner", "admin"];

interface Sealed {
  readonly arguments: unknown;
  readonly plan: Plan;
}

export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { store, key, now, record } = deps;
  const { approvals, db } = store;

  const contextOf = (id: string) => `approval ${id}`;
  const open = (row: ApprovalRow) => JSON.parse(unseal(key, row.sealed, contextOf(row.id))) as Sealed;

  function newRow(asked: Asked, digests: { readonly call: string; readonly plan: string }): ApprovalRow {
    const id = createId("apr");
    const { workspaceId, clientId, subject, grantId } = asked.caller;
    return {
      id,
      workspace_id: workspaceId,
      client_id: clientId,
      subject,
      grant_id: grantId,
      tool: asked.tool,
      call_digest: digests.call,
      plan_digest: digests.plan,
      sealed: seal(key, JSON.stringify({ arguments: asked.arguments ?? null, plan: asked.plan } satisfies Sealed), contextOf(id)),
      state: "pending",
      approvers_needed: asked.approversNeeded,
      approved_by: "[]",
      decided_by: null,
      reason: null,
      requested_at: now(),
      expires_at: now() + WAITING_MS,
      decided_at: null,
      decision: null,
    };
  }

  async function request(asked: Asked, digests: { readonly call: string; readonly plan: string }): Promise<ApprovalRow> {
    const row = newRow(asked, digests);
    await record({ event: "approval.requested", ...membersOf(row), summary: asked.plan.summary, rows: asked.plan.rows });
    // Another call at the same time may have asked; both then wait for that.
    for (;;) {
      const present = await approvals.open(row);
      if (present !== undefined) return present;
    }
  }

  /** The open row, unless its time is over or what it was about has changed: then it is closed, and why is told. */
  async function current(asked: Asked, digests: { readonly call: string; readonly plan: string }) {
    const row = await approvals.findOpen(digests.call);
    if (row === undefined) return {};
    const isOver = row.expires_at <= now();
    if (!isOver && row.plan_digest === digests.plan) return { row };
    await approvals.change(row, { state: "void", decided_at: now() });
    if (isOver) return {};
    await record({ event: "approval.outdated", ...membersOf(row) });
    return { changed: diffPlans(open(row).plan, asked.plan) };
  }

  /** The roles of those of the people who may decide at all, by account. */
  async function rolesIn(workspaceId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (accountIds.length === 0) return new Map();
    const rows = await db
      .selectFrom("member as m")
      .innerJoin("account as a", "a.id", "m.account_id")
      .where("m.workspace_id", "=", workspaceId)
      .where("m.account_id", "in", accountIds)
      .where("a.disabled_at", "is", null)
      .select(["m.account_id", "m.role"])
      .execute();
    return new Map(rows.map(({ account_id, role }) => [account_id, role]));
  }

  async function mayAllDecide(row: ApprovalRow, accountIds: readonly string[]): Promise<boolean> {
    const roles = await rolesIn(row.workspace_id, accountIds);
    return accountIds.every((id) => {
      const role = roles.get(id);
      // The person whom the agent acts for decides what it does in their name; so do those who run the workspace.
      return role !== undefined && (row.subject === id || APPROVER_ROLES.includes(role));
    });
  }

  async function viewOf(row: ApprovalRow, accountId: string): Promise<ApprovalView> {
    const approvers = approversOf(row);
    const [client, workspace, people] = await Promise.all([
      db.selectFrom("client").select("name").where("id", "=", row.client_id).executeTakeFirst(),
      db.selectFrom("workspace").select("name").where("id", "=", row.workspace_id).executeTakeFirst(),
      db
        .selectFrom("account")
        .select(["id", "email"])
        .where("id", "in", [row.subject, ...approvers])
        .execute(),
    ]);
    const emailOf = (id: string) => people.find((person) => person.id === id)?.email;
    const tool = deps.describeTool(row.tool);
    return {
      id: row.id,
      state: row.expires_at <= now() && (row.state === "pending" || row.state === "approved") ? "expired" : row.state,
      clientId: row.client_id,
      clientName: client?.name ?? "",
      actsFor: emailOf(row.subject) ?? null,
      workspaceName: workspace?.name ?? "",
      tool: row.tool,
      toolTitle: tool?.title ?? row.tool,
      effect: tool?.effect ?? "destructive",
      ...open(row),
      digest: digestOf(row),
      approversNeeded: row.approvers_needed,
      approvedBy: approvers.map((id) => emailOf(id) ?? id),
      hasApproved: approvers.includes(accountId),
      reason: row.reason,
      requestedAt: row.requested_at,
      expiresAt: row.expires_at,
    };
  }

  async function decide(id: string, accountId: string, { isApproved, digest, reason }: Decision): Promise<Decided> {
    const row = await approvals.find(id);
    if (row === undefined) return { problem: "There is no such request." };
    if (!(await mayAllDecide(row, [accountId]))) {
      await record({ event: "approval.forbidden", ...membersOf(row), by: accountId });
      return { problem: "You may not decide about this. Ask an owner or admin of the workspace." };
    }
    if (row.state !== "pending" || row.expires_at <= now()) return { problem: "This was decided already, or its time is over." };
    if (digest !== digestOf(row)) return { problem: "What is asked for has changed. Look at it again." };
    if (!isApproved) {
      await record({ event: "approval.refused", ...membersOf(row), by: accountId, reason });
      const isDone = await approvals.change(row, { state: "refused", decided_by: accountId, decided_at: now(), reason });
      return isDone ? { state: "refused" } : { problem: "Somebody else decided at the same moment. Look at it again." };
    }
    const approvers = approversOf(row);
    if (approvers.includes(accountId)) return { problem: "You approved this already. It needs another person." };
    const all = [...approvers, accountId];
    const state = all.length >= row.approvers_needed ? "approved" : "pending";
    await record({ event: "approval.given", ...membersOf(row), by: accountId, given: all.length, needed: row.approvers_needed });
    const change = { state, approved_by: JSON.stringify(all), decided_by: accountId, decided_at: now(), reason } as const;
    const until = state === "approved" ? { expires_at: now() + APPROVED_MS } : {};
    const isDone = await approvals.change(row, { ...change, ...until });
    return isDone ? { state } : { problem: "Somebody else decided at the same moment. Look at it again." };
  }

  return {
    async admit(asked) {
      const digests = { call: digestCall(asked), plan: digestPlan(asked.plan) };
      const { row, changed } = await current(asked, digests);
      if (row?.state === "approved") return { state: "approved", id: row.id };
      const refused = row === undefined ? await approvals.findRefused(digests.call, now() - REFUSED_MS) : undefined;
      if (refused !== undefined) return { state: "refused", id: refused.id, reason: refused.reason };
      const { id, expires_at } = row ?? (await request(asked, digests));
      return { state: "waiting", id, url: `${deps.url}/approvals/${id}`, expiresAt: expires_at, changed };
    },
    async use(id, decision) {
      const row = await approvals.find(id);
      if (row === undefined || row.state !== "approved" || row.expires_at <= now()) return false;
      if (!(await mayAllDecide(row, approversOf(row)))) {
        await approvals.change(row, { state: "void", decided_at: now() });
        return false;
      }
      return approvals.change(row, { state: "used", decision });
    },
    async view(id, accountId) {
      const row = await approvals.find(id);
      return row === undefined || !(await mayAllDecide(row, [accountId])) ? undefined : viewOf(row, accountId);
    },
    async queue(accountId) {
      const memberships = await db.selectFrom("member").select("workspace_id").where("account_id", "=", accountId).execute();
      const rows = (await Promise.all(memberships.map(({ workspace_id }) => approvals.waiting(workspace_id, now())))).flat();
      const mine: ApprovalView[] = [];
      for (const row of rows) if (await mayAllDecide(row, [accountId])) mine.push(await viewOf(row, accountId));
      return mine;
    },
    decide,
    sweep: () => approvals.sweep(now() - KEPT_MS),
  };
}

function approversOf({ approved_by }: ApprovalRow): readonly string[] {
  return JSON.parse(approved_by) as string[];
}

/** A decision names what was seen: the call and the plan. */
function digestOf({ call_digest, plan_digest }: ApprovalRow): string {
  return `${call_digest.slice(0, 32)}${plan_digest.slice(0, 32)}`;
}

/** What records say about an approval. */
function membersOf(row: ApprovalRow) {
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
