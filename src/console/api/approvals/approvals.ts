/** Calls that wait. Who may see and decide about one, is said where approvals are; here they are those of the workspace that is shown. */
import * as z from "zod";
import type { Approval, Approvals } from "../../contract-evidence.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { readBody } from "../read-body.ts";

const DECISION = z.strictObject({ digest: z.string().min(1).max(200), reason: z.string().trim().max(500).optional() });

type View = Awaited<ReturnType<ConsoleContext["approvals"]["queue"]>>[number];

const MISSING = new ConsoleProblem(404, {
  code: "not_found",
  message: "There is no such request that you may decide about.",
  next: "Ask an owner or admin of the workspace.",
});

export async function listApprovals({ approvals, by }: ConsoleContext): Promise<Approvals> {
  const queue = await approvals.queue(by.accountId, by.workspaceId);
  return {
    approvals: queue.map((view) => {
      const { arguments: _arguments, digest: _digest, plan, ...shown } = shownApproval(view);
      return { ...shown, summary: plan.summary };
    }),
  };
}

export async function showApproval(context: ConsoleContext, { params }: ConsoleRequest): Promise<Approval> {
  const id = await requireOwn(context, params);
  const view = await context.approvals.view(id, context.by.accountId);
  if (view === undefined) throw MISSING;
  return shownApproval(view);
}

export function approve(context: ConsoleContext, request: ConsoleRequest) {
  return decide(context, request, true);
}

export function refuse(context: ConsoleContext, request: ConsoleRequest) {
  return decide(context, request, false);
}

async function decide(context: ConsoleContext, { params, body }: ConsoleRequest, isApproved: boolean) {
  const { digest, reason } = readBody(DECISION, body);
  const id = await requireOwn(context, params);
  const decided = await context.approvals.decide(id, context.by.accountId, { isApproved, digest, reason: reason || null });
  if ("problem" in decided) throw new ConsoleProblem(409, { code: "not_decided", message: decided.problem });
  return decided;
}

/** A person of several workspaces sees and decides in the one that is shown. */
async function requireOwn({ store, by }: ConsoleContext, { id = "" }: ConsoleRequest["params"]): Promise<string> {
  const row = await store.approvals.find(id);
  if (row?.workspace_id !== by.workspaceId) throw MISSING;
  return id;
}

function shownApproval({ workspaceName: _workspaceName, ...shown }: View): Approval {
  return shown;
}
