import type { Answer, CallRequest } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { createId } from "../../lib/id.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { Method } from "./methods.ts";
import type { Outlet } from "./outlet.ts";
import type { Session } from "./sessions.ts";

/** How a call asks its client something: the stream that the request goes out on, and the session that the answer comes back in. */
export interface Asking {
  readonly session: Session;
  readonly outlet: Outlet;
  /** Cancels the call, when its client does not answer in time. */
  readonly cancel: () => void;
}

/** How often one call may ask back. */
const MAX_ROUNDS = 8;
/** How long a client may take for all answers of a round. */
const ANSWER_MS = 10 * 60_000;

/**
 * Calls a method, asks the client whatever the call wants to know, and calls again with the answers, as clients of 2026-07-28 do by
 * themselves. Each round is decided and recorded like a call of its own. `asking` is undefined for a client that cannot be asked.
 */
export async function answerInRounds(method: Method, call: CallRequest, asking: Asking | undefined): Promise<Answer | Refusal> {
  let request = call;
  for (let round = 0; ; round++) {
    const answer = await method(request, asking?.session);
    if (asking === undefined || isRefusal(answer) || answer.type !== "input_required") return answer;
    if (round === MAX_ROUNDS) return refuse("fault", { message: `This asked back ${MAX_ROUNDS} times without coming to an end.` });
    const { inputRequests, requestState } = JSON.parse(answer.json) as { inputRequests?: unknown; requestState?: unknown };
    const inputResponses = isRecord(inputRequests) ? await askAll(asking, inputRequests) : {};
    if (call.cancelled.isCancelled) return refuse("cancelled");
    request = { ...call, params: { ...call.params, inputResponses, ...(requestState === undefined ? {} : { requestState }) } };
  }
}

async function askAll(asking: Asking, requests: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const entries = Object.entries(requests).map(async ([key, request]) => [key, await ask(asking, request)] as const);
  return Object.fromEntries((await Promise.all(entries)).filter(([, answer]) => answer !== undefined));
}

/** The client's answer. A person who is not asked has cancelled, as far as the tool is concerned (MCP 2025-11-25 elicitation). */
async function ask({ session, outlet, cancel }: Asking, request: unknown): Promise<unknown> {
  if (!isRecord(request)) return undefined;
  const { method, params } = request;
  const id = createId("req");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  session.asked.set(id, resolve);
  const late = setTimeout(() => {
    cancel();
    resolve(undefined);
  }, ANSWER_MS).unref();
  try {
    await outlet.send(JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) }));
    const answer = await promise;
    return answer === undefined && method === "elicitation/create" ? { action: "cancel" } : answer;
  } finally {
    clearTimeout(late);
    session.asked.delete(id);
  }
}
