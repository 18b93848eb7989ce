import { describePlan, type Admission } from "../../approvals/index.ts";
import { isRefusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { concealed, inputRequired, specialKind, type Plan, type ToolError } from "../../tool/index.ts";
import type { Call, Ended } from "../call.ts";
import { hasCapability } from "../capability.ts";
import { answerInputRequired, parseRoundTrip } from "../input-required.ts";
import { errorAnswer, execute } from "../run.ts";
import type { Input } from "../validate.ts";
import type { ChangeDeps } from "./change-deps.ts";

/** What a call may go on with. */
export interface Cleared {
  /** The approval that it will use up; undefined when it needs none. */
  readonly approval: string | undefined;
  readonly plan: Plan | undefined;
}

/** Marks the state of a round in which a person was sent to approve; it is ours and not the tool's. */
const APPROVAL = "dev.remit/approval";

/** Holds a call that needs the approval of people, with the plan that they decide about, until they have given it. */
export async function hold(deps: ChangeDeps, call: Call, input: Input): Promise<Ended | Cleared> {
  const { principal } = call.request;
  const { target } = input.grant;
  const approversNeeded = input.grant.verdict.approvers;
  if (approversNeeded === 0) return { approval: undefined, plan: undefined };
  const back = call.request.task?.input ?? parseRoundTrip(deps.runner.stateKey, call.request, deps.now());
  if (isRefusal(back)) return { outcome: "refused", answer: back };
  const wasSent = isRecord(back.state) && APPROVAL in back.state;
  // What the client answered to being sent there says nothing: only what people decided counts. The tool sees none of it.
  call.roundTrip = wasSent ? { responses: {}, state: undefined } : back;
  const plan = await planOf(deps, call, input);
  if ("outcome" in plan) return plan;
  const { caller } = principal;
  const args = call.request.params["arguments"];
  const shown = concealed(target, args);
  const madeBy = actorsOf(principal.token.actor);
  const admission = await deps.approvals.admit({ caller, tool: target.name, arguments: args, shown, plan, approversNeeded, madeBy });
  if (admission.state === "approved") return { approval: admission.id, plan };
  return told(deps, call, { admission, plan, wasSent, title: target.tool.title });
}

/** Ids of all who act in the place of the token's holder (RFC 8693 §4.1), the present one first. */
function actorsOf(actor: string | undefined): readonly string[] {
  const ids: string[] = [];
  for (let act: unknown = actor === undefined ? undefined : JSON.parse(actor); isRecord(act); act = act["act"])
    if (typeof act["sub"] === "string") ids.push(act["sub"]);
  return ids;
}

/** The plan, or how the call ended without one. */
async function planOf(deps: ChangeDeps, call: Call, input: Input): Promise<Plan | Ended> {
  const { target } = input.grant;
  const { tool } = target;
  const declared = tool.plan?.bind(tool);
  if (declared === undefined)
    return { summary: `${tool.title}, with the arguments shown.`, changes: [], rows: 0, losesAccess: [], versions: {} };
  let plan: Plan | undefined;
  const ended = await execute<Plan | ToolError>(deps.runner, call, {
    target,
    timeoutMs: target.timeoutMs,
    start: (context) => declared(input.value, context as never),
    finish(value) {
      if (specialKind(value) === "error") return { outcome: "tool_error", answer: refusedPlan(value as ToolError) };
      plan = value as Plan;
      return { outcome: "ok", answer: { type: "complete", json: "{}" } };
    },
  });
  return plan ?? ended;
}

function refusedPlan({ content }: ToolError) {
  return { type: "complete", json: JSON.stringify({ content, isError: true }) } as const;
}

interface Told {
  readonly admission: Exclude<Admission, { readonly state: "approved" }>;
  readonly plan: Plan;
  readonly wasSent: boolean;
  readonly title: string;
}

/** Sends the person to the page if the client can do that, and otherwise says where it is. */
function told(deps: ChangeDeps, call: Call, { admission, plan, wasSent, title }: Told): Ended {
  if (admission.state === "not_asked") {
    const text = `${title} was not done: it needs the approval of a person, and nobody was asked. ${admission.why}`;
    return { outcome: "held", answer: errorAnswer(text) };
  }
  const noted = { approval: admission.id };
  if (admission.state === "refused") {
    const reason = admission.reason === null ? "" : ` The reason given: ${JSON.stringify(admission.reason)}.`;
    return {
      outcome: "held",
      answer: errorAnswer(`A person refused this call.${reason} Do not try it again; ask what to do instead.`),
      noted,
    };
  }
  const { id, url, changed } = admission;
  const { caller } = call.request.principal;
  const hasPerson = caller.subject !== caller.clientId;
  if (hasPerson && !wasSent && hasCapability(call.request.meta.capabilities, { elicitation: { url: {} } })) {
    const message = `${title} needs your approval. ${describePlan(plan)[0]}`;
    const params = { mode: "url", elicitationId: id, url, message };
    const asked = inputRequired({ approval: { method: "elicitation/create", params } }, { [APPROVAL]: id });
    return { ...answerInputRequired(deps.runner.stateKey, call, asked), noted };
  }
  const who = hasPerson ? "the person you act for, or an owner or admin of the workspace," : "an owner or admin of the workspace";
  const lines = [
    wasSent ? `${title} is still waiting for an approval.` : `${title} was not done: it needs the approval of a person.`,
    ...(changed === undefined ? [] : [`An earlier approval does not count any more, because something changed:\n${changed}`]),
    ...describePlan(plan),
    `Ask ${who} to open ${url} (approval ${id}). Once it is approved, call again with exactly the same arguments.`,
  ];
  const meta = { [APPROVAL]: { id, url, expires_at: new Date(admission.expiresAt).toISOString(), state: "waiting" } };
  const json = JSON.stringify({ _meta: meta, content: [{ type: "text", text: lines.join("\n") }], isError: true });
  return { outcome: "held", answer: { type: "complete", json }, noted };
}

/** The approval went to another call, or those who gave it may not any more. */
export function stillWaiting(approval: string): Ended {
  const text = "The approval of this call was used or withdrawn at this moment, so nothing was done. Call again to ask for a new one.";
  return { outcome: "held", answer: errorAnswer(text), noted: { approval } };
}
