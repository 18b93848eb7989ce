/** What a client would send, in each of the two ways that the protocol knows. */
import { isRecord } from "../../../lib/is-record.ts";
import type { Order } from "./order.ts";

export interface Message {
  readonly method: "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CLIENT_INFO = { name: "remit-console", version: "1" };
const CALL_ID = 1;

/** One message, with all that the server needs to know (MCP 2026-07-28, transports). */
export function modernCall(order: Order): Message {
  const { method, params, named } = requestOf(order);
  const meta = {
    "io.modelcontextprotocol/protocolVersion": order.era,
    "io.modelcontextprotocol/clientInfo": CLIENT_INFO,
    "io.modelcontextprotocol/clientCapabilities": {},
    progressToken: "console",
  };
  return post(order.era, { id: CALL_ID, method, params: { ...params, _meta: meta } }, [
    ["mcp-method", method],
    ["mcp-name", headerValue(named)],
  ]);
}

/** The method of what is asked for, its parameters, and what it is about. */
export function requestOf({ kind, tool, arguments: args }: Order) {
  const given = args === undefined ? {} : { arguments: args };
  if (kind === "tool") return { method: "tools/call", params: { name: tool, ...given }, named: tool };
  if (kind === "prompt") return { method: "prompts/get", params: { name: tool, ...given }, named: tool };
  const uri = expanded(tool, args);
  return { method: "resources/read", params: { uri }, named: uri };
}

/** A template with its variables filled in; each stands for one segment of the path. */
function expanded(uri: string, values: unknown): string {
  const given = isRecord(values) ? values : {};
  return uri.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = given[name];
    return typeof value === "string" && value !== "" ? encodeURIComponent(value) : whole;
  });
}

/** The older way begins a session (MCP 2025-11-25, lifecycle). */
export function legacyOpening({ era }: Order): Message {
  return post(era, { id: 0, method: "initialize", params: { protocolVersion: era, capabilities: {}, clientInfo: CLIENT_INFO } });
}

/** What follows in the session: that it is open, and the call. */
export function legacyCall(order: Order, session: string): readonly Message[] {
  const within: Pair[] = [["mcp-session-id", session]];
  const { method, params } = requestOf(order);
  const asked = { ...params, _meta: { progressToken: "console" } };
  return [
    post(order.era, { method: "notifications/initialized" }, within),
    post(order.era, { id: CALL_ID, method, params: asked }, within),
  ];
}

export function legacyClosing({ era }: Order, session: string): Message {
  return { method: "DELETE", headers: { "mcp-protocol-version": era, "mcp-session-id": session }, body: "" };
}

type Pair = readonly [name: string, value: string];

function post(era: string, message: object, more: readonly Pair[] = []): Message {
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": era,
      ...Object.fromEntries(more),
    },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  };
}

/** What is no visible ASCII goes in Base64 (MCP 2026-07-28, transports). */
function headerValue(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString("base64")}?=`;
}
