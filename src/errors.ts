/**
 * Every way a request can be refused, and what the refusal looks like on the wire.
 * Expected refusals are values; faults are thrown and never described to the caller.
 */

/** How one refusal is answered: HTTP status, OAuth error code (RFC 6750 §3.1), JSON-RPC code, fixed text. */
export interface WireForm {
  readonly status: number;
  readonly oauth?: string;
  readonly rpc: number;
  readonly text: string;
}

/** The closed list of reasons. Texts are fixed: nothing a caller sent is echoed except through `Refusal.message`. */
export const WIRE = {
  host_not_allowed: { status: 403, rpc: -31403, text: "This host name is not served here." },
  origin_not_allowed: { status: 403, rpc: -31403, text: "This origin is not allowed to call this server." },
  not_found: { status: 404, rpc: -31404, text: "There is nothing at this path." },
  session_not_found: {
    status: 404,
    rpc: -31404,
    text: "There is no such session for this caller: it ended, or it is that of somebody else. Send initialize again.",
  },
  missing_token: { status: 401, rpc: -31401, text: "Send an access token in the Authorization header." },
  invalid_token: {
    status: 401,
    oauth: "invalid_token",
    rpc: -31401,
    text: "The access token is not valid here: it may have expired or been revoked, or it was issued for something else.",
  },
  invalid_dpop_proof: {
    status: 401,
    oauth: "invalid_dpop_proof",
    rpc: -31401,
    text: "The proof of the key that came with the access token is not valid for this request.",
  },
  token_in_wrong_place: {
    status: 400,
    oauth: "invalid_request",
    rpc: -31400,
    text: "Send the access token only in the Authorization header, once.",
  },
  invalid_query: {
    status: 400,
    rpc: -31400,
    text: "The query takes only environment=ID and readonly=1, each once.",
  },
  insufficient_scope: {
    status: 403,
    oauth: "insufficient_scope",
    rpc: -31403,
    text: "The access token lacks a scope that this needs.",
  },
  challenge_repeated: {
    status: 200,
    rpc: -31403,
    text: "The access token lacks a scope that this needs, which was asked for often and not granted. Do not try again before it is.",
  },
  policy_denied: { status: 200, rpc: -31403, text: "A policy of the workspace does not allow this. No further scope helps." },
  quota_exceeded: { status: 429, rpc: -31429, text: "What may be called in a day is used up." },
  rate_limited: { status: 429, rpc: -31429, text: "Too many requests. Wait and try again." },
  method_not_allowed: { status: 405, rpc: -31405, text: "Use POST." },
  not_acceptable: {
    status: 406,
    rpc: -32600,
    text: "Accept must include application/json and text/event-stream.",
  },
  unsupported_media_type: { status: 415, rpc: -32600, text: "Send Content-Type: application/json without a Content-Encoding." },
  body_too_large: { status: 413, rpc: -32600, text: "The request body is too large." },
  parse_error: { status: 400, rpc: -32700, text: "The body is not valid JSON in UTF-8." },
  invalid_request: { status: 400, rpc: -32600, text: "The body is not one JSON-RPC 2.0 request or notification." },
  invalid_params: { status: 400, rpc: -32602, text: "The parameters are not valid." },
  invalid_arguments: { status: 200, rpc: -32602, text: "The arguments are not valid." },
  not_known: { status: 200, rpc: -32602, text: "Nothing of this name exists here." },
  method_not_found: { status: 404, rpc: -32601, text: "This method does not exist." },
  header_mismatch: { status: 400, rpc: -32020, text: "The request headers and the body disagree." },
  missing_capability: { status: 400, rpc: -32021, text: "This needs a capability that the client did not declare." },
  unsupported_version: { status: 400, rpc: -32022, text: "This protocol version is not supported." },
  unavailable: {
    status: 503,
    rpc: -31503,
    text: "The call was not run, because it could not be put on record. Try again later.",
  },
  not_recorded: {
    status: 503,
    rpc: -31503,
    text: "The call may have been carried out, but how it ended could not be put on record. Check before trying again.",
  },
  stopping: { status: 503, rpc: -31503, text: "The server is stopping. Try again on a new connection." },
  cancelled: { status: 499, rpc: -31499, text: "The client cancelled the call." },
  fault: { status: 500, rpc: -32603, text: "Something went wrong on our side." },
} as const satisfies Record<string, WireForm>;

export type Reason = keyof typeof WIRE;

const REFUSAL = Symbol("refusal");

/** A refusal on its way to the wire. Made by `refuse` only, so that no value from outside can pass for one. `message` replaces the fixed text; it must not carry text from outside. */
export interface Refusal {
  readonly [REFUSAL]: true;
  readonly refused: Reason;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Response headers of this refusal, such as the challenge or Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(reason: Reason, more: Omit<Refusal, "refused" | typeof REFUSAL> = {}): Refusal {
  return { [REFUSAL]: true, refused: reason, ...more };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && REFUSAL in value;
}

/** What is wrong with the configuration or a declaration, one problem a line, each with its fix. Thrown before the server listens. */
export class BootError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Remit does not start:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "BootError";
    this.problems = problems;
  }
}

/** In which ways a call goes wrong. */
export const FAILURE_CAUSES = [
  "unknown_tool",
  "unknown_prompt",
  "unknown_resource",
  "unknown_parameter",
  "wrong_type",
  "wrong_value",
  "missing_parameter",
  "missing_scope",
  "out_of_range",
  "wrong_format",
  "invalid",
] as const;
