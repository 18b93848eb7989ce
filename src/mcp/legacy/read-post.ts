import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { RequestId } from "../wire.ts";

/** A request of one POST, with the message as it came. */
export interface Incoming {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: Record<string, unknown>;
}

/** What one POST carries, as far as it needs an answer. */
export interface Post {
  /** Revision that the client speaks, as far as it says so. */
  readonly protocol: string;
  readonly isBatch: boolean;
  readonly requests: readonly Incoming[];
}

const MAX_BATCH = 50;
/** What a client that sends no version header speaks (MCP 2025-06-18 transports, protocol version header). */
const ASSUMED_VERSION = "2025-03-26";
const INVALID = refuse("invalid_request");

/**
 * The requests of a POST. Notifications and answers need no action, because nothing outlives a POST: what they would cancel or answer is
 * not here. They are checked and dropped.
 */
export function readPost(
  body: Record<string, unknown> | unknown[],
  version: string | undefined,
  versions: readonly string[],
): Post | Refusal {
  if (version !== undefined && !versions.includes(version)) {
    return refuse("unsupported_version", { data: { supported: versions, requested: version.slice(0, 32) } });
  }
  const isBatch = Array.isArray(body);
  const messages: readonly unknown[] = isBatch ? body : [body];
  if (messages.length === 0) return INVALID;
  if (messages.length > MAX_BATCH) return refuse("invalid_request", { message: `A batch may have at most ${MAX_BATCH} messages.` });
  const requests: Incoming[] = [];
  for (const message of messages) {
    const read = readMessage(message);
    if (isRefusal(read)) return read;
    if (read !== undefined) requests.push(read);
  }
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    return refuse("invalid_request", { message: "Each request of a batch needs an id of its own." });
  return { protocol: version ?? ASSUMED_VERSION, isBatch, requests };
}

/** Undefined for a notification or an answer. */
function readMessage(message: unknown): Incoming | Refusal | undefined {
  if (!isRecord(message) || message["jsonrpc"] !== "2.0") return INVALID;
  const { id, method, params = {} } = message;
  if (method === undefined) return "result" in message || "error" in message ? undefined : INVALID;
  if (typeof method !== "string" || !isRecord(params)) return INVALID;
  if (!("id" in message))
    return method.startsWith("notifications/") ? undefined : refuse("invalid_request", { message: "A request needs an id." });
  if (typeof id !== "string" && !Number.isSafeInteger(id)) return INVALID;
  return { id: id as RequestId, method, params, message };
}
