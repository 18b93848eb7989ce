/** Tells those who watch the server of each request: how it was decided, how it ended and how long it took. */
import { isRefusal } from "../../errors.ts";
import type { Measured, Metrics, Tracing } from "../../telemetry/index.ts";
import type { Call, Ended } from "../call.ts";

export interface Observers {
  readonly metrics: Metrics | undefined;
  readonly tracing: Tracing | undefined;
}

export interface Observation {
  begin(call: Call): void;
  /** Runs what belongs to the call. */
  within<R>(call: Call, act: () => R): R;
  end(call: Call, ended: Ended): void;
}

/** Costs nothing while nobody watches. */
export function createObservation({ metrics, tracing }: Observers): Observation {
  return {
    begin(call) {
      metrics?.began();
      if (tracing !== undefined) call.span = tracing.start(tracedOf(call));
    },
    within: ({ span }, act) => (span === undefined ? act() : span.run(act)),
    end(call, ended) {
      const { span } = call;
      if (metrics === undefined && span === undefined) return;
      const measured = measuredOf(call, ended);
      metrics?.ended(measured);
      span?.end(measured);
    },
  };
}

const METHODS = new Set(
  "initialize ping server/discover tools/list prompts/list resources/list resources/templates/list subscriptions/listen tasks/get tasks/update tasks/cancel skills/list logging/setLevel resources/unsubscribe".split(
    " ",
  ),
);

function namesOf({ request, target }: Call) {
  return {
    // What a client makes up is no label.
    method: target !== undefined || METHODS.has(request.method) ? request.method : "_OTHER",
    tool: target?.kind === "tool" ? target.name : undefined,
    prompt: target?.kind === "prompt" ? target.name : undefined,
    protocol: request.meta.protocol,
  };
}

function tracedOf(call: Call) {
  const { principal, meta } = call.request;
  return { ...namesOf(call), clientId: principal.caller.clientId, decision: call.id, traceparent: meta.trace?.traceparent };
}

function measuredOf(call: Call, { outcome, answer, refusal }: Ended): Measured {
  const told = refusal ?? answer;
  return {
    ...namesOf(call),
    allowed: call.isAllowed,
    rule: call.rule,
    outcome,
    reason: isRefusal(told) ? told.refused : undefined,
    durationMs: performance.now() - call.startedMs,
    resultBytes: isRefusal(answer) ? undefined : Buffer.byteLength(answer.json),
  };
}
