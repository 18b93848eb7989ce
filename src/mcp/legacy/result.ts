import { ProtocolError, type CallToolResult, type Result, type Server } from "@modelcontextprotocol/server";
import type { Answer } from "../../call/index.ts";
import { isRefusal, refuse, WIRE, type Refusal } from "../../errors.ts";
import type { Registry } from "../../tool/index.ts";
import type { Incoming } from "./read-post.ts";

const ASKS_BACK =
  "This needs to ask the client something before it can finish, which is possible only for clients that speak MCP 2026-07-28 or later. " +
  "Use such a client, or go on without this.";

/** An answer of the data path in the form of the revisions before 2026-07-28. Throws a refusal as the JSON-RPC error that it is. */
export function resultOf(server: Server, registry: Registry, { request, answer }: Answered): Result {
  const isToolCall = request.method === "tools/call";
  if (isAskingBack(answer)) {
    if (isToolCall) return { content: [{ type: "text", text: ASKS_BACK }], isError: true };
    throw errorOf(refuse("missing_capability", { message: ASKS_BACK }));
  }
  if (isRefusal(answer)) throw errorOf(answer);
  const result = JSON.parse(answer.json) as Result;
  if (!isToolCall) return result;
  // Older clients take only objects as structured content; the SDK wraps what is none, here and in the schema that tools/list shows.
  const output = registry.tools.get(String(request.params["name"]))?.output;
  return server.projectCallToolResult(result as CallToolResult, output?.schema);
}

export interface Answered {
  readonly request: Incoming;
  readonly answer: Answer | Refusal;
}

/** The call asked back, or would not even start because this client was never heard to allow it. */
function isAskingBack(answer: Answer | Refusal): boolean {
  return isRefusal(answer) ? answer.refused === "missing_capability" : answer.type === "input_required";
}

export function errorOf({ refused, message, data }: Refusal): ProtocolError {
  const form = WIRE[refused];
  return new ProtocolError(form.rpc, message ?? form.text, data);
}
