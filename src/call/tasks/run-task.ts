/** How a task is started, goes on, and ends. */
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import type { TaskRow } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import { authorize, decide, type Grant } from "../authorize.ts";
import type { Answer, Call, CallRequest, Ended } from "../call.ts";
import { parseRoundTrip } from "../input-required.ts";
import { currentPrincipal } from "../principal.ts";
import { argumentsFor } from "../results/index.ts";
import { errorAnswer, fault } from "../run.ts";
import { validate, type Input } from "../validate.ts";
import { inTask, type TaskRequest } from "./admit.ts";
import { LEASE_MS, type Job, type Jobs } from "./jobs.ts";
import type { News } from "./news.ts";
import { createTaskCancellation } from "./task-cancellation.ts";
import type { TaskDeps } from "./task-deps.ts";
import { detailedTask, taskError, taskMembers } from "./task-json.ts";
import { openInput, questionsOf, sealFor, type TaskInput } from "./task-state.ts";

export interface TaskParts {
  readonly deps: TaskDeps;
  readonly instance: string;
  readonly jobs: Jobs;
  readonly news: News;
}

/** What one agent may have. Results are kept until they expire, so that their number bounds the room they take. */
const LIMITS = { unfinished: 32, kept: 1000 };
/** How long a task is kept beyond the longest that it may run. */
const KEPT_MS = 3_600_000;
/** After how long a tool that only wanted to be called again is. */
const AGAIN_MS = 1000;
const STORE_ATTEMPTS = 5;

const UNRECORDED: Ended = { outcome: "refused", answer: refuse("unavailable") };

/**
 * Runs a call as a task: its intent is on record and the task is stored before anything runs, and the answer names the task. A call that
 * ends within its tool's `taskAfterMs` leaves no task and is answered with its end.
 */
export async function startTask(parts: TaskParts, call: Call & { readonly request: TaskRequest }, input: Input): Promise<Ended> {
  const { deps, jobs } = parts;
  const { target } = input.grant;
  const given = parseRoundTrip(deps.stateKey, call.request, deps.now());
  if (isRefusal(given)) return { outcome: "refused", answer: given };
  if (!(await isIntended(deps, call))) return UNRECORDED;
  const row = newRow(parts, call, { arguments: argumentsFor(target, call.request.params["arguments"]) ?? {}, input: given });
  const created = await deps.store.tasks.create(row, LIMITS);
  if (created !== "created") return { outcome: "refused", answer: tooMany(created) };
  const job: Job = { call, target, row };
  jobs.add(job);
  const running = run(deps, call, input);
  const early = await within(running, target.tool.taskAfterMs ?? 0);
  if (early !== undefined) {
    jobs.delete(job);
    await deps.store.tasks
      .remove(row.id)
      .catch((error: unknown) => deps.log.error({ err: error }, "a task that ended early was left behind"));
    return early;
  }
  call.request.cancelled.detach();
  void running.then((ended) => concludeSafely(parts, job, ended));
  return { outcome: "ok", answer: { type: "task", json: JSON.stringify(taskMembers(row)) }, goesOn: true };
}

function newRow({ deps, instance }: TaskParts, { request }: Call & { readonly request: TaskRequest }, input: TaskInput): TaskRow {
  const { workspaceId, clientId, subject } = request.principal.caller;
  const { id, timeoutMs } = request.task;
  const at = deps.now();
  return {
    id,
    workspace_id: workspaceId,
    client_id: clientId,
    subject,
    tool: String(request.params["name"]),
    status: "working",
    status_message: null,
    sealed_input: sealFor(deps.taskKey, id, "input").seal(input),
    sealed_state: null,
    round: 1,
    version: 1,
    node: deps.nodeId,
    instance,
    lease_until: at + LEASE_MS,
    created_at: at,
    updated_at: at,
    expires_at: at + timeoutMs + KEPT_MS,
  };
}

function tooMany(which: "too_many_unfinished" | "too_many_kept"): Refusal {
  const message =
    which === "too_many_unfinished"
      ? `This agent already has ${LIMITS.unfinished} unfinished tasks. Wait until one ends, or cancel one.`
      : `This agent already has ${LIMITS.kept} tasks that have not expired. Wait until some do.`;
  return refuse("rate_limited", { message, headers: { "retry-after": "5" } });
}

async function isIntended(deps: TaskDeps, call: Call): Promise<boolean> {
  try {
    await deps.intend(call);
    return true;
  } catch {
    return false;
  }
}

/** The end of a run, if it comes that soon. */
async function within(running: Promise<Ended>, ms: number): Promise<Ended | undefined> {
  if (ms === 0) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The request that makes a task go on, and the permission that it was given. */
export interface Asking {
  readonly request: CallRequest;
  readonly grant: Grant<RegisteredTool>;
}

/** Runs a task that this process has taken over, on the word of a request of its principal. */
export function resumeTask(parts: TaskParts, row: TaskRow, { request: asking, grant }: Asking): void {
  const { principal, meta } = asking;
  const { deps, jobs } = parts;
  const { target } = grant;
  const { arguments: args, input } = openInput(deps.taskKey, row);
  const cancelled = createTaskCancellation();
  const plain: CallRequest = { principal, meta, method: "tools/call", params: { name: row.tool, arguments: args }, cancelled };
  const request = inTask(plain, { id: row.id, target, cancelled, input });
  const { rule, policyRule } = decide(principal.authority, target);
  const call = Object.assign(deps.begin(request, { target, rule, isAllowed: true, policyRule }), { request });
  const job: Job = { call, target, row };
  jobs.add(job);
  void runAgain(deps, call, { grant, args }).then((ended) => concludeSafely(parts, job, ended));
}

interface Again {
  readonly grant: Grant<RegisteredTool>;
  readonly args: unknown;
}

async function runAgain(deps: TaskDeps, call: Call, { grant, args }: Again): Promise<Ended> {
  if (!(await isIntended(deps, call))) return UNRECORDED;
  // The tool may have been declared anew since.
  const input = validate(grant, args);
  return "invalid" in input
    ? { outcome: "invalid_arguments", answer: errorAnswer(input.invalid), problems: input.problems }
    : run(deps, call, input);
}

/** Never rejects: there is nobody left to tell. */
async function run(deps: TaskDeps, call: Call, input: Input): Promise<Ended> {
  try {
    return await deps.run(call, input);
  } catch (error) {
    return { outcome: "fault", answer: fault(deps.log, call, error) };
  }
}

async function concludeSafely(parts: TaskParts, job: Job, ended: Ended): Promise<void> {
  try {
    await conclude(parts, job, ended);
  } catch (error) {
    parts.jobs.delete(job);
    fault(parts.deps.log, job.call, error);
  }
}

/** Puts the end of a run on record, and only then into the task. */
async function conclude(parts: TaskParts, job: Job, ended: Ended): Promise<void> {
  const { deps, jobs } = parts;
  const answer = await deps.finish(job.call, ended);
  const wantsAgain = ended.asked !== undefined && !isRefusal(answer) && Object.keys(ended.asked.requests).length === 0;
  const stored = await store(parts, job, changeOf(deps, job, { ended, answer, wantsAgain }));
  jobs.delete(job);
  if (stored !== undefined && wantsAgain) setTimeout(() => void callAgain(parts, job, stored), AGAIN_MS).unref();
}

/** A tool that asked nobody anything is called again with its state, if its task is still there to go on. */
async function callAgain(parts: TaskParts, { call, target }: Job, row: TaskRow): Promise<void> {
  // The policy may be another one by now.
  const principal = currentPrincipal(parts.deps.policies, call.request.principal);
  const grant = authorize(principal, target, { challenges: parts.deps.challenges, isAccumulating: false });
  if (isRefusal(grant)) return;
  const taken = await take(parts, row, {}).catch(() => undefined);
  if (taken !== undefined) resumeTask(parts, taken, { request: { ...call.request, principal }, grant });
}

/** The row as it is once this process runs it, or undefined when another was faster. */
export async function take({ deps, instance }: TaskParts, row: TaskRow, change: Partial<TaskRow>): Promise<TaskRow | undefined> {
  const at = deps.now();
  const taken: Partial<TaskRow> = { ...change, status: "working", node: deps.nodeId, instance, lease_until: at + LEASE_MS, updated_at: at };
  const isMine = await deps.store.tasks.change(row.id, row.version, taken);
  return isMine ? { ...row, ...taken, version: row.version + 1 } : undefined;
}

type Change = Partial<Omit<TaskRow, "id" | "version">>;

interface Concluded {
  readonly ended: Ended;
  readonly answer: Answer | Refusal;
  readonly wantsAgain: boolean;
}

function changeOf({ taskKey, now }: TaskDeps, { row, call }: Job, { ended, answer, wantsAgain }: Concluded): Change {
  const sealed = (state: unknown) => sealFor(taskKey, row.id, "state").seal(state);
  if (isRefusal(answer)) {
    const { cause } = call.request.cancelled;
    if (answer.refused !== "cancelled")
      return { status: "failed", status_message: String(taskError(answer)["message"]), sealed_state: sealed(taskError(answer)) };
    // To whoever asks next it is as if the process had gone away, which it is about to do.
    if (cause === "stopping") return { lease_until: 0 };
    return {
      status: "cancelled",
      status_message: cause === "revoked" ? "The access that started it was revoked." : null,
      sealed_state: null,
    };
  }
  if (ended.asked === undefined || answer.type !== "input_required")
    return { status: "completed", status_message: null, sealed_state: sealed({ ...JSON.parse(answer.json), resultType: "complete" }) };
  const questions = questionsOf(ended.asked, row.round);
  if (!wantsAgain) return { status: "input_required", status_message: null, round: row.round + 1, sealed_state: sealed(questions) };
  const { arguments: args } = openInput(taskKey, row);
  const input = { arguments: args, input: { responses: {}, state: ended.asked.state } };
  return { round: row.round + 1, sealed_input: sealFor(taskKey, row.id, "input").seal(input), lease_until: now() + LEASE_MS };
}

/** Stores what became of a run, unless the task was cancelled or taken over meanwhile. What cannot be stored is as good as lost: it is tried again. */
async function store({ deps, news }: TaskParts, job: Job, change: Change): Promise<TaskRow | undefined> {
  const { row } = job;
  const changed = { ...change, updated_at: deps.now() };
  for (let attempt = 1; attempt <= STORE_ATTEMPTS; attempt++) {
    try {
      if (!(await deps.store.tasks.change(row.id, row.version, changed))) return undefined;
      const next = { ...job.row, ...changed, version: row.version + 1 };
      news.publish(row.id, () => detailedTask(deps.taskKey, next));
      return next;
    } catch (error) {
      deps.log.error({ err: error, attempt }, "the end of a task could not be stored");
      await new Promise((resolve) => setTimeout(resolve, attempt * 200));
    }
  }
  return undefined;
}
