import { WIRE, type Refusal } from "../errors.ts";
import type { Exchange } from "./exchange.ts";

export type RequestId = string | number;

/** A refusal as a JSON-RPC error object; the id is left out when it could not be read (MCP 2026-07-28). */
export function errorJson(refusal: Refusal, id?: RequestId): string {
  const form = WIRE[refusal.refused];
  const error = { code: form.rpc, message: refusal.message ?? form.text, ...dataOf(refusal) };
  return JSON.stringify({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), error });
}

function dataOf({ data }: Refusal): { data?: object } {
  return data === undefined ? {} : { data };
}

/** The body of a 401 or 403 of the authorization layer, in the form of OAuth errors (RFC 6749 §5.2, RFC 6750 §3). */
function oauthErrorJson(refusal: Refusal): string {
  const form = WIRE[refusal.refused];
  const error = "oauth" in form ? form.oauth : refusal.refused;
  return JSON.stringify({ error, error_description: refusal.message ?? form.text, ...refusal.data });
}

/** Answers a refusal with its status, headers and body. */
export function replyRefusal(exchange: Pick<Exchange, "reply">, refusal: Refusal, id?: RequestId): void {
  const { status } = WIRE[refusal.refused];
  const isOauth = status === 401 || refusal.refused === "insufficient_scope";
  exchange.reply.json(status, isOauth ? oauthErrorJson(refusal) : errorJson(refusal, id), refusal.headers);
}
