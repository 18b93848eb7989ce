/** What a caller reads when a policy stands against a call. */
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import type { Target } from "../../tool/index.ts";
import type { CallRequest, Ended } from "../call.ts";
import type { Limit, Said } from "./policy.ts";

/** A refusal on which no scope helps. */
export function refusePolicy({ rule, policyRule }: Pick<Said, "policyRule"> & { readonly rule: string }, target: Target): Refusal {
  const data = { rule, ...(policyRule === undefined ? {} : { policy_rule: policyRule }) };
  if (rule === "killed") {
    const stopped = `An operator of this server has stopped this: the ${target.kind} ${target.name} cannot be used. Do not try again before they have lifted that.`;
    return refuse("policy_denied", { message: stopped, data });
  }
  const why =
    rule !== "read_only"
      ? `A policy of this workspace does not let this agent use the ${target.kind} ${target.name}.`
      : policyRule === undefined
        ? `This connection is for reading only (readonly=1), and the ${target.kind} ${target.name} changes something.`
        : `A policy of this workspace lets this agent read only, and the ${target.kind} ${target.name} changes something.`;
  const message = `${why} No further scope helps, so do not ask for one and do not try again before an operator of this server has changed that.`;
  return refuse("policy_denied", { message, data });
}

/**
 * The end of a call that a policy refuses, in the form in which its caller is told. A tool's is a result that the model reads: on a 403
 * clients ask for scopes, which cannot help, and errors of JSON-RPC many hosts keep from their model.
 */
export function tellPolicy({ method }: CallRequest, ended: Ended): Ended {
  const { answer } = ended;
  if (method !== "tools/call" || !isRefusal(answer) || answer.refused !== "policy_denied") return ended;
  return { ...ended, ...inBand(answer, { "dev.remit/policy": answer.data }) };
}

const DAY_MS = 86_400_000;

/** The limit that a call meets, and when it may be tried again, in epoch milliseconds. */
export interface Spent {
  readonly limit: Limit;
  readonly kind: "rate_limited" | "quota_exceeded";
  readonly retryAt: number;
}

/** The start of the next day (UTC). */
export function nextDay(at: number): number {
  return (Math.floor(at / DAY_MS) + 1) * DAY_MS;
}

export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

export function endSpent({ limit, kind, retryAt }: Spent): Ended {
  const again = new Date(retryAt).toISOString();
  const often =
    kind === "quota_exceeded"
      ? `${limit.perDay === 1 ? "once" : `${limit.perDay} times`} a day (UTC) by this agent, and that is used up`
      : `${limit.perSecond === 1 ? "once" : `${limit.perSecond} times`} a second by this agent`;
  const message = `Nothing was done: by a policy of this workspace, ${whatOf(limit)} may be called ${often}; again at ${again}.`;
  const refusal = refuse(kind, { message, data: { policy_rule: limit.id, retry_at: again } });
  return { outcome: "refused", ...inBand(refusal, { "dev.remit/limit": refusal.data }), noted: { limit: limit.id } };
}

function whatOf({ place }: Limit): string {
  const [kind = "", name = ""] = place.split(" ");
  if (kind === "tool") return name;
  return kind === "effect" ? `tools with the effect ${name} together` : "all tools together";
}

function inBand(refusal: Refusal, _meta: object) {
  const json = JSON.stringify({ _meta, content: [{ type: "text", text: refusal.message }], isError: true });
  return { answer: { type: "complete", json }, refusal } as const;
}
