/** How a server wants to be called. */
export interface Target {
  readonly port: number;
  /** `2026-07-28` carries its envelope in each request; `2025-11-25` is called without one. */
  readonly revision: "2026-07-28" | "2025-11-25";
  readonly token?: string;
}

export interface ToolCall {
  readonly id: number;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** 32 hex digits; sent as the trace id of `traceparent` (W3C Trace Context). */
  readonly traceId?: string;
  /** Asks for progress under this token, so the answer may be a stream. */
  readonly progressToken?: string;
}

/** Any request of revision 2026-07-28. */
export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The headers of one `tools/call` POST. */
export function callHeaders(target: Target, { name }: ToolCall): Readonly<Record<string, string>> {
  return headersOf(target, { "mcp-method": "tools/call", "mcp-name": name });
}

function headersOf({ revision, token }: Target, mirrored: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": revision,
    ...(revision === "2026-07-28" ? mirrored : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** The `_meta` of every request (MCP 2026-07-28 basic). */
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The JSON-RPC request. */
export function callBody({ revision }: Target, { id, name, arguments: args, traceId, progressToken }: ToolCall): string {
  const meta = {
    ...(revision === "2026-07-28" ? ENVELOPE : {}),
    ...(traceId === undefined ? {} : { traceparent: `00-${traceId}-${traceId.slice(16)}-01` }),
    ...(progressToken === undefined ? {} : { progressToken }),
  };
  const params = { name, arguments: args, ...(Object.keys(meta).length > 0 ? { _meta: meta } : {}) };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

/** The whole call as it goes over the wire. */
export function callBytes(target: Target, call: ToolCall): Buffer {
  return bytesOf(target, callHeaders(target, call), callBody(target, call));
}

/** The same for a request that names nothing. */
export function requestBytes(target: Target, { id, method, params }: RpcRequest): Buffer {
  const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, _meta: ENVELOPE } });
  return bytesOf(target, headersOf(target, { "mcp-method": method }), body);
}

function bytesOf(target: Target, own: Readonly<Record<string, string>>, body: string): Buffer {
  const headers = { host: `127.0.0.1:${target.port}`, ...own, "content-length": String(Buffer.byteLength(body)) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /mcp HTTP/1.1\r\n${head.join("")}\r\n${body}`);
}

/** What the bench looks at in the result of a tool. */
export interface ToolResult {
  readonly isError?: boolean;
  readonly content?: readonly { readonly text?: unknown }[];
  readonly structuredContent?: unknown;
}

/** The result in an answer, which is the body itself or the last event of a stream. Undefined for errors, also those of the tool. */
export function resultOf(body: string): ToolResult | undefined {
  const json = body.startsWith("{")
    ? body
    : body
        .split(/\r?\n/)
        .findLast((line) => line.startsWith("data:"))
        ?.slice(5);
  const { result } = (json === undefined ? {} : JSON.parse(json)) as { readonly result?: ToolResult };
  return result?.isError === true ? undefined : result;
}
