import { isRecord } from "../../lib/is-record.ts";
import { collectHeaderParams, type HeaderParam } from "../../tool/index.ts";
import { toMessage, type Message } from "./message.ts";

/** JSON-RPC code HeaderMismatch (MCP 2026-07-28). */
const HEADER_MISMATCH = -32020;
const MAX_PAGES = 50;

/** Whether a call was refused, as it seems for want of the headers that repeat some of its arguments (MCP 2026-07-28 `x-mcp-header`). */
export function lacksHeaders({ method, version }: Message, body: string): boolean {
  if (method !== "tools/call" || version === undefined || !body.includes(String(HEADER_MISMATCH))) return false;
  const value: unknown = JSON.parse(body);
  return isRecord(value) && isRecord(value["error"]) && value["error"]["code"] === HEADER_MISMATCH;
}

/** Which arguments every tool mirrors, as the list of tools says. `ask` gives the body of an answer. */
export async function learnMirrored(
  call: Message,
  ask: (list: Message) => Promise<string>,
): Promise<ReadonlyMap<string, readonly HeaderParam[]>> {
  const mirrored = new Map<string, readonly HeaderParam[]>();
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const value: unknown = JSON.parse(await ask(listOf(call, cursor)));
    const result = isRecord(value) && isRecord(value["result"]) ? value["result"] : {};
    for (const tool of Array.isArray(result["tools"]) ? (result["tools"] as unknown[]) : []) {
      if (!isRecord(tool) || typeof tool["name"] !== "string" || !isRecord(tool["inputSchema"])) continue;
      mirrored.set(tool["name"], collectHeaderParams(tool["inputSchema"]).params);
    }
    cursor = result["nextCursor"];
    if (typeof cursor !== "string") break;
  }
  return mirrored;
}

function listOf({ params }: Message, cursor: unknown): Message {
  const { progressToken: _, ...meta } = isRecord(params["_meta"]) ? params["_meta"] : {};
  const request = {
    jsonrpc: "2.0",
    id: "remit",
    method: "tools/list",
    params: { ...(cursor === undefined ? {} : { cursor }), _meta: meta },
  };
  return toMessage(request, JSON.stringify(request));
}
