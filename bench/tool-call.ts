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

/** The headers of one `tools/call` POST. */
export function callHeaders({ revision, token }: Target, { name }: ToolCall): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": revision,
    ...(revision === "2026-07-28" ? { "mcp-method": "tools/call", "mcp-name": name } : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** The JSON-RPC request (MCP 2026-07-28 basic, `_meta`). */
export function callBody({ revision }: Target, { id, name, arguments: args, traceId, progressToken }: ToolCall): string {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
    ...(traceId === undefined ? {} : { traceparent: `00-${traceId}-${traceId.slice(16)}-01` }),
    ...(progressToken === undefined ? {} : { progressToken }),
  };
  const params = { name, arguments: args, ...(revision === "2026-07-28" ? { _meta: meta } : {}) };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

/** The whole request as it goes over the wire. */
export function callBytes(target: Target, call: ToolCall): Buffer {
  const body = callBody(target, call);
  const headers = { host: `127.0.0.1:${target.port}`, ...callHeaders(target, call), "content-length": String(Buffer.byteLength(body)) };
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
