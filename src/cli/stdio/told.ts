/** What the client and the person at the terminal are told when a request was not served. */
import { WIRE } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { Id } from "../wire/index.ts";

export interface Problem {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What is told when nothing else is known, and on stderr, once each. */
const ISSUE = "Issue one with `remit token issue CLIENT_ID` and start this again with it in REMIT_TOKEN.";

export const NO_TOKEN: Problem = { code: WIRE.missing_token.rpc, message: `There is no access token: REMIT_TOKEN is not set. ${ISSUE}` };
const BAD_TOKEN: Problem = {
  code: WIRE.invalid_token.rpc,
  message: `The access token in REMIT_TOKEN is not valid here: it may have expired or been revoked, or it is for another server. ${ISSUE}`,
};
export const NOT_JSON: Problem = { code: WIRE.parse_error.rpc, message: "The line is not valid JSON in UTF-8." };
export const NOT_A_MESSAGE: Problem = { code: WIRE.invalid_request.rpc, message: "The line is no JSON-RPC 2.0 message." };
export const BROKEN_OFF: Problem = {
  code: WIRE.unavailable.rpc,
  message: "The connection to the server ended before the answer came. What was asked for may have been done: check before you try again.",
};
export const IN_USE: Problem = { code: WIRE.invalid_request.rpc, message: "A request with this id is still under way." };
export const TOO_MANY: Problem = { code: WIRE.rate_limited.rpc, message: "Too many requests are under way. Wait for some to end." };

export function tooLong(maxBytes: number): Problem {
  return { code: WIRE.body_too_large.rpc, message: `The line is longer than ${maxBytes} bytes (REMIT_MAX_BODY_BYTES).` };
}

export function unreachable(error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return { code: WIRE.unavailable.rpc, message: `The server cannot be reached: ${why}` };
}

/** A JSON-RPC error as a line; without an id when it belongs to no request. */
export function errorLine(error: Problem, id?: Id): string {
  return JSON.stringify({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), error });
}

const GRANT =
  'Start this again with a token that holds it: `remit token issue CLIENT_ID --scope "…"`. People can only sign in and consent while a server listens (`remit start`).';

/** The problem that an answer with an HTTP error tells of. */
export function problemOf(status: number, body: string): Problem {
  if (status === 401) return BAD_TOKEN;
  const value = parse(body);
  const error = isRecord(value) ? value["error"] : undefined;
  if (isRecord(error) && typeof error["code"] === "number" && typeof error["message"] === "string") {
    return { code: error["code"], message: error["message"], ...("data" in error ? { data: error["data"] } : {}) };
  }
  if (status === 403 && isRecord(value) && error === "insufficient_scope") {
    const { error_description: description, error: _, ...data } = value;
    const text = typeof description === "string" ? description : WIRE.insufficient_scope.text;
    return { code: WIRE.insufficient_scope.rpc, message: `${text} ${GRANT}`, data };
  }
  return { code: WIRE.fault.rpc, message: `The server answered with HTTP ${status} and nothing that this can pass on.` };
}

/** Whether only the person who started this can do something about it. */
export function isForPerson({ code }: Problem): boolean {
  return code === BAD_TOKEN.code || code === WIRE.insufficient_scope.rpc;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
