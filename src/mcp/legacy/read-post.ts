import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { RequestId } from "../wire.ts";
import { VERSIONS } from "./versions.ts";

/** A request of one POST. */
export interface Incoming {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What the client says to something that it was asked. */
export interface ClientAnswer {
  readonly id: RequestId;
  /** Undefined when the client answered with an error. */
  readonly result: unknown;
}

/** What one POST carries. */
export interface Post {
  /** Revision that the client speaks, as far as it says so. */
  readonly protocol: string;
  readonly isBatch: boolean;
  readonly requests: readonly Incoming[];
  readonly answers: readonly ClientAnswer[];
  /** Ids of requests that the client wants no more. */
  readonly cancels: readonly RequestId[];
}

const MAX_BATCH = 50;
/** What a client that sends no version header speaks (MCP 2025-06-18 transports, protocol version header). */
const ASSUMED_VERSION = "2025-03-26";
const INVALID = refuse("invalid_request");
const NOTHING = { needsNothing: true } as const;

export function readPost(body: Record<string, unknown> | unknown[], version: string | undefined): Post | Refusal {
  if (version !== undefined && !VERSIONS.includes(version)) {
    return refuse("unsupported_version", { data: { supported: VERSIONS, requested: version.slice(0, 32) } });
  }
  const isBatch = Array.isArray(body);
  const messages: readonly unknown[] = isBatch ? body : [body];
  if (messages.length === 0) return INVALID;
  if (messages.length > MAX_BATCH) return refuse("invalid_request", { message: `A batch may have at most ${MAX_BATCH} messages.` });
  const read: Message[] = [];
  for (const message of messages) {
    const one = readMessage(message);
    if (isRefusal(one)) return one;
    read.push(one);
  }
  const requests = read.flatMap((one) => ("method" in one ? [one] : []));
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    return refuse("invalid_request", { message: "Each request of a batch needs an id of its own." });
  if (messages.length > 1 && requests.some(({ method }) => method === "initialize"))
    return refuse("invalid_request", { message: "initialize stands alone, not in a batch." });
  const answers = read.flatMap((one) => ("result" in one ? [one] : []));
  const cancels = read.flatMap((one) => ("cancels" in one ? [one.cancels] : []));
  return { protocol: version ?? ASSUMED_VERSION, isBatch, requests, answers, cancels };
}

type Message = Incoming | ClientAnswer | { readonly cancels: RequestId } | { readonly needsNothing: true };

function readMessage(message: unknown): Message | Refusal {
  if (!isRecord(message) || message["jsonrpc"] !== "2.0") return INVALID;
  const { id, method, params = {} } = message;
  if (method === undefined) return readAnswer(message);
  if (typeof method !== "string" || !isRecord(params)) return INVALID;
  if (!("id" in message)) return readNotification(method, params);
  const meta = params["_meta"];
  const token = isRecord(meta) ? meta["progressToken"] : undefined;
  if (!isId(id) || (token !== undefined && typeof token !== "string" && typeof token !== "number")) return INVALID;
  return { id, method, params };
}

function readAnswer(message: Record<string, unknown>): Message | Refusal {
  if (!("result" in message) && !("error" in message)) return INVALID;
  // An answer to nobody, such as an error without an id, needs no action.
  return isId(message["id"]) ? { id: message["id"], result: message["result"] } : NOTHING;
}

function readNotification(method: string, params: Readonly<Record<string, unknown>>): Message | Refusal {
  if (!method.startsWith("notifications/")) return refuse("invalid_request", { message: "A request needs an id." });
  return method === "notifications/cancelled" && isId(params["requestId"]) ? { cancels: params["requestId"] } : NOTHING;
}

function isId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isSafeInteger(id);
}
