/** The data path: a request of an authenticated caller, from decision to record. Every protocol version ends here. */
import type { Approvals } from "../approvals/index.ts";
import { createRefusalCounter, type Ledger, type RefusalCounter } from "../audit/index.ts";
import { isRefusal, refuse, type Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Challenges, Upstreams } from "../oauth/index.ts";
import type { Store } from "../store/index.ts";
import type { Caller, Evidence, RegisteredTool, Registry, Target } from "../tool/index.ts";
import { createLimiter } from "../lib/limiter.ts";
import { authorize, decide, type Grant } from "./authorize.ts";
import type { Answer, Call, CallRequest, Ended } from "./call.ts";
import { createChangeSteps, type ChangeSteps } from "./change/index.ts";
import { createChanges, type Changes } from "./changes.ts";
import { createContextFactory } from "./context.ts";
import { createDeadlines, createRoster, type Deadlines, type Roster } from "./running/index.ts";
import { complete, getPrompt, getSkill, readDirectory, readResource } from "./offerings.ts";
import { createEndWatch, killOfPlace, type EndWatch } from "./kill/index.ts";
import { createObservation, type Observation, type Observers } from "./observed/index.ts";
import { createMeters, endSpent, refusePolicy, tellPolicy, type Meters, type Policies } from "./policy/index.ts";
import { currentPrincipal, type Principal } from "./principal.ts";
import { createRecorder, type Decided, type Recorder } from "./record.ts";
import type { Outside } from "./surroundings.ts";
import { argumentsFor, createResults, cursorAmong, type Results } from "./results/index.ts";
import { errorAnswer, fault, runTool, type Runner } from "./run.ts";
import { createStepUp, type StepUp } from "./step-up/index.ts";
import { admitTask, createTasks, missingTasks, type Tasks } from "./tasks/index.ts";
import { unknownTool } from "./problems/index.ts";
import { validate, type Input } from "./validate.ts";

export { authenticate, type Gate } from "./authenticate.ts";
export { decide, isListed } from "./authorize.ts";
export { MAX_UNREAD_BYTES } from "./call.ts";
export type { Answer, CallRequest, Cancellation, RequestMeta, Sink } from "./call.ts";
export type { Change, Changes } from "./changes.ts";
export {
  authorityOf,
  createPolicies,
  createPolicyActs,
  NO_POLICY,
  type Authority,
  type Policies,
  type PolicyActsDeps,
  type PolicyOperator,
} from "./policy/index.ts";
export { createKillActs, createKillWatch, type KillActsDeps, type KillOperator } from "./kill/index.ts";
export { narrow, type Principal } from "./principal.ts";
export { createExplainActs, evidenceOf, type ExplainDeps, type ExplainOperator } from "./explain/index.ts";
export { createFailureActs, failureEvidence, replayCase, type FailureActsDeps, type FailureOperator } from "./problems/index.ts";
export { declaresTasks, missingTasks, TASKS_EXTENSION, type TaskNews } from "./tasks/index.ts";

/** What the data path stands on. */
export interface PathDeps {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly store: Pick<Store, "inWorkspace" | "revocations" | "tasks" | "results" | "changeEntries" | "policies">;
  readonly challenges: Challenges;
  readonly upstreams: Pick<Upstreams, "issue">;
  readonly outside: Outside;
  readonly evidence: (caller: Caller) => Evidence;
  readonly log: Log;
  /** Who is told of each request; nobody when left out. */
  readonly observers?: Observers;
  readonly now: Clock;
  readonly cursorKey: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly taskKey: Uint8Array;
  readonly changeKey: Uint8Array;
  readonly approvals: Pick<Approvals, "admit" | "use">;
  readonly policies: Pick<Policies, "of">;
  readonly nodeId: string;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
}

/** The steps behind the gate. Each method answers, or refuses, only after that is durably on record. */
export interface CallPath {
  /** Counts requests of an agent. Zero when it may send them; otherwise the seconds to wait, at least 1. */
  pace(principal: Principal, count?: number): number;
  /** Whether the policy that the principal was made under is still in force. */
  isCurrent(principal: Principal): boolean;
  readonly changes: Changes;
  readonly refusals: RefusalCounter;
  /** Changes that people at the console take back; nothing of it is put on record here. */
  readonly undoing: Pick<ChangeSteps, "undoable" | "undoByPerson">;
  readonly tasks: Pick<Tasks, "get" | "update" | "cancel" | "visible" | "news">;
  /** Ends running calls that may not go on. */
  readonly endWatch: Pick<EndWatch, "look" | "settle">;
  callTool(request: CallRequest): Promise<Answer | Refusal>;
  getPrompt(request: CallRequest): Promise<Answer | Refusal>;
  readResource(request: CallRequest): Promise<Answer | Refusal>;
  complete(request: CallRequest): Promise<Answer | Refusal>;
  getSkill(request: CallRequest): Promise<Answer | Refusal>;
  readDirectory(request: CallRequest): Promise<Answer | Refusal>;
  /** Answers what every authenticated caller may ask, such as a list filtered for it. */
  observe(request: CallRequest, answer: Answer | Refusal): Promise<Answer | Refusal>;
  /** Why the decision would refuse this request, if it does. Records nothing. */
  precheck(request: CallRequest): Refusal | undefined;
  /** Whether this request would be answered with a 403, before anything of it runs: for several requests that must be decided on together. Records nothing. */
  isChallenged(request: CallRequest): boolean;
  /** Waits until every call under way is on record, but at most this long. */
  close(waitMs: number): Promise<void>;
}

export function createCallPath(deps: PathDeps): CallPath {
  const changes = createChanges();
  const steps = createSteps(deps, changes);
  const { underWay, meters, results, deadlines, endWatch, tasks, change } = steps;
  const limiter = createLimiter({ perSecond: deps.ratePerSecond, burst: deps.rateBurst, now: deps.now });
  const refusals = createRefusalCounter(deps.ledger, deps.now);
  return {
    pace({ caller, policy }, count = 1) {
      const waitSeconds = policy.pace === undefined ? 0 : meters.pace(policy.pace, caller, count);
      return waitSeconds > 0 ? waitSeconds : limiter.take(caller.clientId, count);
    },
    isCurrent: (principal) => currentPrincipal(deps.policies, principal) === principal,
    changes,
    refusals,
    undoing: change,
    tasks,
    endWatch,
    callTool(request) {
      const target = findTool(steps, request);
      return take(steps, admitTask(request, target), { target, act: (call, grant) => callTool(steps, call, grant) });
    },
    getPrompt: (request) => take(steps, request, getPrompt(steps, request)),
    readResource: (request) => take(steps, request, readResource(steps, request)),
    complete: (request) => take(steps, request, complete(steps, request)),
    getSkill: (request) => take(steps, request, getSkill(steps, request)),
    readDirectory: (request) => take(steps, request, readDirectory(steps, request)),
    observe: (request, answer) => observe(steps, request, answer),
    precheck: (request) => precheck(steps, request),
    isChallenged: (request) => steps.stepUp.isChallenge(request, precheck(steps, request)),
    async close(waitMs) {
      tasks.stopRepeatable();
      await isIdle(underWay, waitMs);
      await tasks.close();
      endWatch.close();
      deadlines.close();
      results.close();
      change.close();
      await meters.close();
      await refusals.close();
    },
  };
}

function createSteps(deps: PathDeps, changes: Changes): Steps {
  const recorder = createRecorder(deps.ledger, deps.now);
  const deadlines = createDeadlines();
  const underWay = createRoster<Call>();
  const endWatch = createEndWatch({ ...deps, deadlines, underWay });
  const contexts = createContextFactory({
    ...deps,
    changes,
    intend: recorder.intend,
    undo: (call, changeId) => steps.change.undo(call, changeId),
  });
  const observation = createObservation(deps.observers ?? { metrics: undefined, tracing: undefined });
  const results = createResults(deps);
  const runner: Runner = { contexts, deadlines, log: deps.log, stateKey: deps.stateKey, results };
  const tasks: Tasks = createTasks({
    ...deps,
    isWritable: () => deps.ledger.isWritable(),
    begin: (request, decided) => begin(steps, request, decided),
    intend: recorder.intend,
    finish: (call, ended) => finish(steps, call, ended),
    run: (call, input) => perform(steps, call, input),
  });
  const meters = createMeters(deps);
  const change = createChangeSteps({
    ...deps,
    runner,
    begin: recorder.begin,
    intend: recorder.intend,
    withinLimits: (call, input, act) => withinLimits({ ...deps, meters }, { call, input }, act),
    run: (call, input) => runTool(runner, call, input),
  });
  const steps: Steps = {
    ...deps,
    meters,
    recorder,
    underWay,
    runner,
    tasks,
    change,
    deadlines,
    endWatch,
    observation,
    results,
    stepUp: createStepUp({ scopes: deps.registry.scopes, now: deps.now }),
  };
  return steps;
}

export interface Steps extends PathDeps {
  readonly recorder: Recorder;
  readonly runner: Runner;
  readonly tasks: Tasks;
  readonly change: ChangeSteps;
  readonly meters: Meters;
  readonly stepUp: StepUp;
  readonly deadlines: Deadlines;
  readonly endWatch: EndWatch;
  readonly observation: Observation;
  readonly results: Results;
  /** Calls that have no end on record yet. */
  readonly underWay: Roster<Call>;
}

/** How often a stopping server looks whether its calls have ended. */
const POLL_MS = 10;
/** Waits until every call under way is on record, but at most this long. */
async function isIdle(underWay: Roster<Call>, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  while (underWay.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** A target and what to do once its use is granted. A refusal stands for a target that does not exist. */
export interface Task<T extends Target> {
  readonly target: T | Refusal;
  act(call: Call, grant: Grant<T>): Ended | Promise<Ended>;
}

/** The steps in order. Nothing runs before the decision; nothing is answered before the record. */
function take<T extends Target>(steps: Steps, asked: CallRequest, { target, act }: Task<T>): Promise<Answer | Refusal> {
  if (isRefusal(target)) return observe(steps, asked, target);
  const request = underPolicy(steps, asked);
  const grant = grantOf(steps, request, target);
  const kill = killOfPlace(request);
  if (kill !== undefined) return refuseKilled(steps, request, { target, kill });
  const { rule, allowed, policyRule } = decide(request.principal.authority, target);
  const call = begin(steps, request, { target, rule, isAllowed: allowed, policyRule });
  if (isRefusal(grant)) return finish(steps, call, { outcome: "refused", answer: grant });
  if (!steps.ledger.isWritable()) return finish(steps, call, { outcome: "refused", answer: refuse("unavailable") });
  return run(steps, call, { act, grant });
}

function refuseKilled(steps: Steps, request: CallRequest, { target, kill }: { readonly target: Target; readonly kill: string }) {
  const call = begin(steps, request, { target, rule: "killed", isAllowed: false, policyRule: kill });
  return finish(steps, call, { outcome: "refused", answer: refusePolicy({ rule: "killed", policyRule: kill }, target) });
}

/** The request under the policy that is in force now: it may have waited, for its body or for an answer of its client. */
function underPolicy(steps: Steps, request: CallRequest): CallRequest {
  const principal = currentPrincipal(steps.policies, request.principal);
  return principal === request.principal ? request : { ...request, principal };
}

/** Acts and finishes, whether the code that is run answers at once or later. */
function run<T extends Target>(
  steps: Steps,
  call: Call,
  { act, grant }: Pick<Task<T>, "act"> & { readonly grant: Grant<T> },
): Promise<Answer | Refusal> {
  try {
    const ended = steps.observation.within(call, () => act(call, grant));
    if (!(ended instanceof Promise)) return finish(steps, call, ended);
    return ended
      .catch((error: unknown) => failed(steps, call, error))
      .then((late) => (late.goesOn === true ? late.answer : finish(steps, call, late)));
  } catch (error) {
    return finish(steps, call, failed(steps, call, error));
  }
}

function failed(steps: Steps, call: Call, error: unknown): Ended {
  return { outcome: "fault", answer: fault(steps.log, call, error) };
}

function begin(steps: Steps, request: CallRequest, decided: Decided): Call {
  const call = steps.recorder.begin(request, decided);
  steps.underWay.add(call);
  steps.observation.begin(call);
  return call;
}

/** The answer once its record is durable; never before. */
function finish(steps: Steps, call: Call, how: Ended): Promise<Answer | Refusal> {
  const ended = how.outcome === "refused" ? steps.stepUp.tell(call.request, tellPolicy(call.request, how)) : how;
  return steps.recorder.finish(call, ended).then(
    () => {
      steps.observation.end(call, ended);
      steps.underWay.delete(call);
      return ended.answer;
    },
    (error: unknown) => {
      steps.underWay.delete(call);
      const answer = unrecorded(steps, error, hasActed(ended));
      steps.observation.end(call, { outcome: "fault", answer });
      return answer;
    },
  );
}

function hasActed({ outcome }: Ended): boolean {
  return outcome !== "refused" && outcome !== "invalid_arguments" && outcome !== "held";
}

function unrecorded(steps: Steps, error: unknown, acted: boolean): Refusal {
  steps.log.error({ err: error }, "the ledger cannot be written; calls are refused until it can");
  return refuse(acted ? "not_recorded" : "unavailable");
}

function observe(steps: Steps, request: CallRequest, answer: Answer | Refusal): Promise<Answer | Refusal> {
  const call = begin(steps, request, { target: undefined, rule: "authenticated", isAllowed: !isRefusal(answer) });
  return finish(steps, call, { outcome: isRefusal(answer) ? "refused" : "ok", answer });
}

function grantOf<T extends Target>(steps: Steps, { principal, meta }: CallRequest, target: T): Grant<T> | Refusal {
  return authorize(principal, target, { challenges: steps.challenges, isAccumulating: meta.protocol < "2026-07-28" });
}

function precheck(steps: Steps, request: CallRequest): Refusal | undefined {
  const target = targetOf(steps, request);
  const grant = target === undefined || isRefusal(target) ? undefined : grantOf(steps, underPolicy(steps, request), target);
  return isRefusal(grant) ? grant : undefined;
}

/** What a request is about; undefined for methods that every authenticated caller may use. */
function targetOf(steps: Steps, request: CallRequest): Target | Refusal | undefined {
  switch (request.method) {
    case "tools/call":
      return findTool(steps, request);
    case "prompts/get":
      return getPrompt(steps, request).target;
    case "resources/read":
    case "resources/subscribe":
      return readResource(steps, request).target;
    case "completion/complete":
      return complete(steps, request).target;
    case "skills/get":
      return getSkill(steps, request).target;
    case "resources/directory/read":
      return readDirectory(steps, request).target;
    default:
      return undefined;
  }
}

function findTool({ registry }: Steps, { params, principal }: CallRequest): RegisteredTool | Refusal {
  const { name } = params;
  return (typeof name === "string" ? registry.tools.get(name) : undefined) ?? unknownTool(registry, principal, name);
}

function callTool(steps: Steps, call: Call, grant: Grant<RegisteredTool>): Ended | Promise<Ended> {
  const args = call.request.params["arguments"];
  const cursor = cursorAmong(grant.target, args);
  if (cursor !== undefined) return steps.runner.results.resume(call, grant.target, cursor);
  const { task } = call.request;
  if (grant.target.tool.task === "required" && task === undefined) return { outcome: "refused", answer: missingTasks() };
  const input = validate(grant, argumentsFor(grant.target, args) ?? {});
  if ("invalid" in input) return { outcome: "invalid_arguments", answer: errorAnswer(input.invalid), problems: input.problems };
  return task === undefined ? perform(steps, call, input) : steps.tasks.start(call, input);
}

/** A read of which no rule asks otherwise runs at once; what changes something takes the further steps of that. */
function perform(steps: Steps, call: Call, input: Input): Ended | Promise<Ended> {
  const { target, verdict } = input.grant;
  if (target.effect !== "read" || verdict.approvers > 0) return steps.change.perform(call, input);
  const run = () => runTool(steps.runner, call, input);
  return verdict.limits.length === 0 ? run() : withinLimits(steps, { call, input }, run);
}

interface Limited {
  readonly call: Call;
  readonly input: Input;
}

/** Acts unless a limit of the policy is met. What did nothing does not count for the day. */
async function withinLimits(
  steps: Pick<Steps, "meters" | "log">,
  { call, input }: Limited,
  act: () => Ended | Promise<Ended>,
): Promise<Ended> {
  const { limits } = input.grant.verdict;
  if (limits.length === 0) return act();
  const { caller } = call.request.principal;
  let spent: Awaited<ReturnType<Meters["take"]>>;
  try {
    spent = await steps.meters.take(limits, caller);
  } catch (error) {
    steps.log.error({ err: error }, "counts of calls cannot be read; limited calls are refused until they can");
    return { outcome: "refused", answer: refuse("unavailable") };
  }
  if (spent !== undefined) return endSpent(spent);
  const ended = await act();
  if (!hasActed(ended) || ended.outcome === "input_required" || ended.noted?.repeats !== undefined) steps.meters.giveBack(limits, caller);
  return ended;
}
