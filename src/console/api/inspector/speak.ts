/** What a client would send, in each of the two ways that the protocol knows. */
import type { Order } from "./order.ts";

export interface Message {
  readonly method: "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CLIENT_INFO = { name: "remit-console", version: "1" };
const CALL_ID = 1;

/** One message, with all that the server needs to know (MCP 2026-07-28, transports). */
export function modernCall({ tool, arguments: args, era }: Order): Message {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientInfo": CLIENT_INFO,
    "io.modelcontextprotocol/clientCapabilities": {},
    progressToken: "console",
  };
  return post(era, { id: CALL_ID, method: "tools/call", params: { name: tool, ...argumentsOf(args), _meta: meta } }, [
    ["mcp-method", "tools/call"],
    ["mcp-name", headerValue(tool)],
  ]);
}

/** The older way begins a session (MCP 2025-11-25, lifecycle). */
export function legacyOpening({ era }: Order): Message {
  return post(era, { id: 0, method: "initialize", params: { protocolVersion: era, capabilities: {}, clientInfo: CLIENT_INFO } });
}

/** What follows in the session: that it is open, and the call. */
export function legacyCall({ tool, arguments: args, era }: Order, session: string): readonly Message[] {
  const within: Pair[] = [["mcp-session-id", session]];
  const params = { name: tool, ...argumentsOf(args), _meta: { progressToken: "console" } };
  return [post(era, { method: "notifications/initialized" }, within), post(era, { id: CALL_ID, method: "tools/call", params }, within)];
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

function argumentsOf(args: unknown): object {
  return args === undefined ? {} : { arguments: args };
}

/** What is no visible ASCII goes in Base64 (MCP 2026-07-28, transports). */
function headerValue(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString("base64")}?=`;
}
