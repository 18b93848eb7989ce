/** The methods of the extension: what the principal of a task may ask of it. */
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { TaskOwner, TaskRow } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import { authorize, decide } from "../authorize.ts";
import type { Answer, CallRequest } from "../call.ts";
import type { Principal } from "../principal.ts";
import { fault } from "../run.ts";
import { declaresTasks, missingTasks } from "./admit.ts";
import { resumeTask, take, type Asking, type TaskParts } from "./run-task.ts";
import type { TaskDeps } from "./task-deps.ts";
import { detailedTask, taskError } from "./task-json.ts";
import { inputOf, openInput, openQuestions, pendingOf, sealFor, withResponses } from "./task-state.ts";

/** How often a change is tried against others that come at the same time. */
const ATTEMPTS = 20;

export function ownerOf({ caller }: Principal): TaskOwner {
  const { workspaceId, clientId, subject } = caller;
  return { workspaceId, clientId, subject };
}

/** Whether a run that was cut off may simply be done again. */
export function isRepeatable({ effect, tool }: RegisteredTool): boolean {
  return tool.idempotent ?? effect === "read";
}

/** The same words whether it never was, belongs to another, has expired, or its tool is gone. */
const UNKNOWN = refuse("not_known", { message: "There is no such task. It may have expired, or it belongs to somebody else." });

interface Found extends Asking {
  readonly row: TaskRow;
}

type Act = (parts: TaskParts, found: Found) => Promise<Answer | Refusal>;

/** Possession of an id opens nothing: the principal must be that of the task, and the decision must still allow its tool. */
export async function serve(parts: TaskParts, request: CallRequest, act: Act): Promise<Answer | Refusal> {
  const { deps } = parts;
  const row = declaresTasks(request) ? await findTask(deps, request) : missingTasks();
  const target = isRefusal(row) ? undefined : deps.registry.tools.get(row.tool);
  if (isRefusal(row) || target === undefined) {
    const call = deps.begin(request, { target: undefined, rule: "authenticated", isAllowed: false });
    return deps.finish(call, { outcome: "refused", answer: isRefusal(row) ? row : UNKNOWN });
  }
  const { principal, meta } = request;
  const { rule, allowed, policyRule } = decide(principal.authority, target);
  const grant = authorize(principal, target, { challenges: deps.challenges, isAccumulating: meta.protocol < "2026-07-28" });
  const call = deps.begin(request, { target, rule, isAllowed: allowed, policyRule });
  if (isRefusal(grant)) return deps.finish(call, { outcome: "refused", answer: grant });
  try {
    const answer = await act(parts, { request, row, grant });
    return await deps.finish(call, { outcome: isRefusal(answer) ? "refused" : "ok", answer });
  } catch (error) {
    return deps.finish(call, { outcome: "fault", answer: fault(deps.log, call, error) });
  }
}

async function findTask(deps: TaskDeps, { params, principal }: CallRequest): Promise<TaskRow | Refusal> {
  const { taskId } = params;
  const row = typeof taskId === "string" ? await deps.store.tasks.find(taskId, ownerOf(principal), deps.now()) : undefined;
  return row ?? UNKNOWN;
}

const DONE: Answer = { type: "complete", json: "{}" };

export async function getTask(parts: TaskParts, found: Found): Promise<Answer | Refusal> {
  const row = isAbandoned(parts, found.row) ? await recover(parts, found) : found.row;
  return isRefusal(row) ? row : { type: "complete", json: JSON.stringify(detailedTask(parts.deps.taskKey, row)) };
}

function isAbandoned({ deps, instance }: TaskParts, { status, node, instance: runner, lease_until }: TaskRow): boolean {
  // There is only one process of a node: another one of ours is gone for certain.
  return status === "working" && (lease_until <= deps.now() || (node === deps.nodeId && runner !== instance));
}

const INTERRUPTED = refuse("fault", {
  message:
    "The server stopped while the task ran. What it does may have been done in full, in part, or not at all. Check before you start it again.",
});

/** Of any number of requests that find a task abandoned, one does something about it. */
async function recover(parts: TaskParts, { request, row, grant }: Found): Promise<TaskRow | Refusal> {
  const { deps } = parts;
  if (isRepeatable(grant.target)) {
    if (!deps.isWritable()) return refuse("unavailable");
    const taken = await take(parts, row, {});
    if (taken !== undefined) resumeTask(parts, taken, { request, grant });
    return taken ?? findTask(deps, request);
  }
  const error = taskError(INTERRUPTED);
  const failed: Partial<TaskRow> = {
    status: "failed",
    status_message: String(error["message"]),
    sealed_state: sealFor(deps.taskKey, row.id, "state").seal(error),
    updated_at: deps.now(),
  };
  if (!(await deps.store.tasks.change(row.id, row.version, failed))) return findTask(deps, request);
  const next = { ...row, ...failed };
  changed(parts, next);
  return next;
}

/** Takes the answers to what is open; once none is missing, the tool runs again with all of them. */
export async function updateTask(parts: TaskParts, { request, row, grant }: Found): Promise<Answer | Refusal> {
  const { deps } = parts;
  const { inputResponses } = request.params;
  if (!isRecord(inputResponses))
    return refuse("invalid_params", { message: "inputResponses must be an object with an answer for each key." });
  if (!deps.isWritable()) return refuse("unavailable");
  let present: TaskRow | Refusal = row;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isRefusal(present)) return present;
    if (present.status !== "input_required") return DONE;
    const questions = withResponses(openQuestions(deps.taskKey, present), inputResponses);
    if (Object.keys(pendingOf(questions)).length > 0) {
      const change = { sealed_state: sealFor(deps.taskKey, row.id, "state").seal(questions), updated_at: deps.now() };
      if (await deps.store.tasks.change(row.id, present.version, change)) return changed(parts, { ...present, ...change });
    } else {
      const input = { arguments: openInput(deps.taskKey, present).arguments, input: inputOf(questions) };
      const taken = await take(parts, present, { sealed_state: null, sealed_input: sealFor(deps.taskKey, row.id, "input").seal(input) });
      if (taken !== undefined) {
        resumeTask(parts, taken, { request, grant });
        return changed(parts, taken);
      }
    }
    present = await findTask(deps, request);
  }
  return refuse("unavailable", { message: "Too many changes came to this task at once. Try again." });
}

function changed({ deps, news }: TaskParts, row: TaskRow): Answer {
  news.publish(row.id, () => detailedTask(deps.taskKey, row));
  return DONE;
}

/** Cancels what has not ended. Asked again, or too late, it answers the same. */
export async function cancelTask(parts: TaskParts, { request, row }: Found): Promise<Answer | Refusal> {
  const { deps, jobs } = parts;
  let present: TaskRow | Refusal = row;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isRefusal(present)) return present;
    if (present.status !== "working" && present.status !== "input_required") return DONE;
    const change = { status: "cancelled", status_message: null, sealed_state: null, updated_at: deps.now() } as const;
    if (await deps.store.tasks.change(row.id, present.version, change)) {
      jobs.find(row.id)?.call.request.cancelled.cancel("cancelled");
      return changed(parts, { ...present, ...change });
    }
    present = await findTask(deps, request);
  }
  return refuse("unavailable", { message: "Too many changes came to this task at once. Try again." });
}
