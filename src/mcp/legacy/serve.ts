import type { CallRequest, Principal, Sink } from "../../call/index.ts";
import { isRefusal, refuse, WIRE, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseClient } from "../client.ts";
import { parseTrace } from "../trace.ts";
import { answerInRounds } from "./ask.ts";
import type { LegacyDeps } from "./index.ts";
import type { Methods } from "./methods.ts";
import type { Outlet } from "./outlet.ts";
import type { ClientAnswer, Incoming, Post } from "./read-post.ts";
import { responseJson } from "./result.ts";
import type { Session } from "./sessions.ts";
import type { RequestId } from "../wire.ts";

/** The requests of one POST, from whom they come and in which session, and where notifications and questions go. */
export interface Serving {
  readonly principal: Principal;
  readonly post: Post;
  readonly session: Session | undefined;
  /** Undefined for a client that takes no stream. */
  readonly outlet: Outlet | undefined;
}

/** The response to one request, as text, with what it says when it is a refusal. */
export interface Responded {
  readonly json: string;
  readonly refusal: Refusal | undefined;
}

export interface Server {
  /**
   * The refusal of all when one of the requests is forbidden: then nothing runs, whatever it stands beside in a batch, and the POST is
   * answered 403, since a client steps up only when it sees the status. The refused ones go on record by going their usual way.
   */
  decideAll(serving: Omit<Serving, "outlet">): Promise<Refusal | undefined>;
  respond(serving: Serving, request: Incoming): Promise<Responded>;
}

export function createServing(deps: LegacyDeps, methods: Methods): Server {
  const { path, registry } = deps;
  return {
    async decideAll(serving) {
      let first: Refusal | undefined;
      for (const request of serving.post.requests) {
        const call = toCall(methods, { ...serving, outlet: undefined }, request);
        if (!path.isChallenged(call)) continue;
        const answer = await methods.find(request.method)?.(call, serving.session);
        if (isRefusal(answer)) first ??= answer;
      }
      return first;
    },
    async respond(serving, request) {
      const { session, outlet } = serving;
      const call = toCall(methods, serving, request);
      const cancel = () => cancelCall(call);
      session?.calls.set(request.id, cancel);
      try {
        const method = methods.find(request.method) ?? ((unknown) => path.observe(unknown, refuse("method_not_found")));
        const canBeAsked = session !== undefined && outlet !== undefined;
        const answer = await answerInRounds(method, call, canBeAsked ? { session, outlet, cancel } : undefined);
        return { json: responseJson(registry, request, answer), refusal: isRefusal(answer) ? answer : undefined };
      } finally {
        if (session?.calls.get(request.id) === cancel) session.calls.delete(request.id);
      }
    },
  };
}

/** Other errors are told in a body with status 200: clients of these revisions read a 404 as the end of a session. */
export function isToldByStatus({ refusal }: Responded): boolean {
  if (refusal === undefined) return false;
  const { status } = WIRE[refusal.refused];
  return status === 403 || status === 503;
}

/** What a POST says to calls that are under way: that one is wanted no more, or what the client answers to a question. */
export function settle(
  session: Session,
  { cancels, answers }: { readonly cancels: readonly RequestId[]; readonly answers: readonly ClientAnswer[] },
): void {
  for (const id of cancels) session.calls.get(id)?.();
  for (const { id, result } of answers) session.asked.get(id)?.(result);
}

interface CancellableCall extends CallRequest {
  readonly cancelled: { isCancelled: boolean; onCancel: CallRequest["cancelled"]["onCancel"] };
}

/** In these revisions a client that goes away has not cancelled its call; only `notifications/cancelled` in the same session does. */
function toCall(methods: Methods, { principal, post, session, outlet }: Serving, { method, params }: Incoming): CancellableCall {
  const meta = isRecord(params["_meta"]) ? params["_meta"] : {};
  const token = meta["progressToken"];
  // Only initialize says in its parameters which version it means, and who it is.
  const asked = method === "initialize" ? params["protocolVersion"] : undefined;
  return {
    principal,
    method,
    params,
    sink: outlet === undefined ? undefined : sinkOf(outlet),
    cancelled: { isCancelled: false, onCancel: undefined },
    meta: {
      protocol: typeof asked === "string" ? asked : (session?.agreed?.protocol ?? post.protocol),
      capabilities: session?.agreed?.capabilities ?? {},
      progressToken: typeof token === "string" || typeof token === "number" ? token : undefined,
      logLevel: methods.logLevelOf(principal, session),
      client: method === "initialize" ? parseClient(params["clientInfo"]) : session?.agreed?.client,
      trace: parseTrace(meta),
    },
  };
}

function sinkOf(outlet: Outlet): Sink {
  return { send: (json) => outlet.send(json) };
}

function cancelCall({ cancelled }: CancellableCall): void {
  if (cancelled.isCancelled) return;
  cancelled.isCancelled = true;
  cancelled.onCancel?.();
}
