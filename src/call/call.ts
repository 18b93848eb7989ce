import type { Problem } from "../audit/index.ts";
import type { Refusal } from "../errors.ts";
import type { CallSpan } from "../telemetry/index.ts";
import type { InputRequired, Plan, RoundTripInput, Target, Trace } from "../tool/index.ts";
import type { Principal } from "./principal.ts";

/** What a request says about itself, whatever its protocol version. */
export interface RequestMeta {
  /** Revision that the client speaks, such as `2026-07-28`. */
  readonly protocol: string;
  /** Capabilities that the client declared. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly progressToken?: string | number | undefined;
  readonly logLevel?: string | undefined;
  /** The client software as it names itself, "name/version"; nobody vouches for it. */
  readonly client?: string | undefined;
  /** The trace that the client named, as far as it is well formed. */
  readonly trace?: Trace | undefined;
}

/** Where notifications of a running call go: JSON texts of whole notifications. Resolves once the reader has taken it. */
export interface Sink {
  send(notificationJson: string): Promise<void>;
}

/** How much may wait for one reader beside the message that is being sent. A reader that leaves more is dropped, so that none costs more. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** One request of a principal on its way through the steps. */
export interface CallRequest {
  readonly principal: Principal;
  readonly method: string;
  readonly meta: RequestMeta;
  readonly params: Readonly<Record<string, unknown>>;
  /** Aborted when the client cancels or goes away. */
  readonly cancelled: Cancellation;
  /** Absent when nothing can be streamed to this client. */
  readonly sink?: Sink | undefined;
  /** Absent for a call that is answered when it has ended. */
  readonly task?: TaskRun | undefined;
}

/** The task that a request runs in, or becomes. */
export interface TaskRun {
  readonly id: string;
  readonly timeoutMs: number;
  /** What the client brought to the task; undefined in the run of the request itself. */
  readonly input?: RoundTripInput | undefined;
}

/** A cheap stand-in for AbortSignal on the way in: most calls end before anybody asks. */
export interface Cancellation {
  readonly isCancelled: boolean;
  /** Called at most once, when the client cancels. */
  onCancel: (() => void) | undefined;
}

/** A call under way, as far as its record is concerned. */
export interface Call {
  /** Its place among those that have no end on record yet. */
  seat: number;
  /** Id of the decision; `intent` and `outcome` records share it. */
  readonly id: string;
  readonly at: number;
  /** Milliseconds on the monotonic clock. */
  readonly startedMs: number;
  readonly request: CallRequest;
  readonly target: Target | undefined;
  readonly rule: string;
  readonly isAllowed: boolean;
  /** Id of the rule of the workspace's policy that the decision follows. */
  readonly policyRule: string | undefined;
  readonly argumentsJson: string;
  /** The environment that its arguments name; "" for none. */
  readonly environment: string;
  /** Settles when the intent is on record, or could not be put there. */
  intent: Promise<void> | undefined;
  /** Undefined while nobody watches. */
  span: CallSpan | undefined;
  /** What the client brought back, as far as it is for the tool; undefined while nobody has looked. */
  roundTrip?: RoundTripInput | undefined;
  /** The plan that people approved for this call. */
  plan?: Plan | undefined;
}

/** How a call ended. `held`: it waits for the approval of people, and nothing was done. */
export type Outcome = "ok" | "held" | "tool_error" | "invalid_arguments" | "input_required" | "refused" | "fault" | "cancelled" | "timeout";

/** The answer of a call: the members of the result as a JSON object text, without `resultType`. A `_meta`, if any, stands first and is not empty. */
export interface Answer {
  readonly type: "complete" | "input_required" | "task";
  readonly json: string;
}

/** What a step that runs code hands to the record and to the wire. */
export interface Ended {
  readonly outcome: Outcome;
  readonly answer: Answer | Refusal;
  /** What was asked for, when that is the answer. */
  readonly asked?: InputRequired;
  /** The refusal that the answer tells in band. */
  readonly refusal?: Refusal;
  /** What was wrong with its arguments. */
  readonly problems?: readonly Problem[];
  /** What it takes to undo the call. */
  readonly undo?: { readonly data: unknown };
  /** Members that belong on record beside the outcome; each is an id. */
  readonly noted?: { readonly approval?: string; readonly repeats?: string; readonly change?: string; readonly limit?: string };
  /** The call was answered and goes on as a task, which puts its end on record. */
  readonly goesOn?: true;
}
