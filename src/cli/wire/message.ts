import { isRecord } from "../../lib/is-record.ts";
import type { HeaderParam } from "../../tool/index.ts";

export type Id = string | number;

/** One JSON-RPC message of the client, as far as the bridge needs to know it. */
export interface Message {
  readonly id: Id | undefined;
  /** Undefined for an answer to something that the server asked. */
  readonly method: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** The version that the message itself names: clients from 2026-07-28 on name it in each. */
  readonly version: string | undefined;
  /** The line that it came in. */
  readonly text: string;
}

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

export function toMessage(value: Readonly<Record<string, unknown>>, text: string): Message {
  const { id, method, params } = value;
  const known = isRecord(params) ? params : {};
  const meta = known["_meta"];
  const version = isRecord(meta) ? meta[VERSION_KEY] : undefined;
  return {
    id: typeof id === "string" || typeof id === "number" ? id : undefined,
    method: typeof method === "string" ? method : undefined,
    params: known,
    version: typeof version === "string" ? version : undefined,
    text,
  };
}

/** The headers that a message of 2026-07-28 has on HTTP, made from its body (MCP 2026-07-28 transports, standard headers). */
export function modernHeaders(message: Message, headerParams: readonly HeaderParam[]): Record<string, string> {
  const { method = "", params, version = "" } = message;
  const named = nameOf(method, params);
  const headers: Record<string, string> = { "mcp-protocol-version": inHeader(version), "mcp-method": inHeader(method) };
  if (typeof named === "string") headers["mcp-name"] = inHeader(named);
  for (const { header, path } of headerParams) {
    const value = valueAt(params["arguments"], path);
    if (["string", "number", "boolean"].includes(typeof value)) headers[header] = inHeader(String(value));
  }
  return headers;
}

function nameOf(method: string, params: Readonly<Record<string, unknown>>): unknown {
  if (method === "tools/call" || method === "prompts/get") return params["name"];
  if (method === "resources/read") return params["uri"];
  return method.startsWith("tasks/") ? params["taskId"] : undefined;
}

/** A value as a header can carry it: what does not fit comes in base64. */
function inHeader(value: string): string {
  const isPlain = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(value) && !value.startsWith("=?base64?");
  return isPlain ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const part of path) at = isRecord(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}
