import type { Answer } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { JsonSchema, Registry } from "../../tool/index.ts";
import type { ListPage } from "../lists.ts";
import { errorJson } from "../wire.ts";
import type { Incoming } from "./read-post.ts";

const ASKS_BACK =
  "This needs to ask the client something before it can finish. It is possible for clients that declare that they can be asked and keep the " +
  "session of initialize, and for those that speak MCP 2026-07-28. Use such a client, or go on without this.";

/** An answer of the data path as a JSON-RPC response of the revisions before 2026-07-28. */
export function responseJson(registry: Registry, request: Incoming, answer: Answer | Refusal): string {
  if (isAskingBack(answer)) {
    if (request.method !== "tools/call") return errorJson(refuse("missing_capability", { message: ASKS_BACK }), request.id);
    return resultJson(request, JSON.stringify({ content: [{ type: "text", text: ASKS_BACK }], isError: true }));
  }
  if (isRefusal(answer)) return errorJson(answer, request.id);
  return resultJson(request, request.method === "tools/call" ? asObject(registry, request, answer.json) : answer.json);
}

function resultJson({ id }: Incoming, json: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${json}}`;
}

/** The call asked back, or would not even start because this client was never heard to allow it. */
function isAskingBack(answer: Answer | Refusal): boolean {
  return isRefusal(answer) ? answer.refused === "missing_capability" : answer.type !== "complete";
}

/** The member in which an answer that is no object stands. */
const WRAPPED = "result";

/** Clients of these revisions take only objects as structured content (MCP 2025-11-25 tools). */
function asObject(registry: Registry, { params }: Incoming, json: string): string {
  const schema = registry.tools.get(String(params["name"]))?.output?.schema;
  if (schema === undefined || isObjectSchema(schema)) return json;
  const result = JSON.parse(json) as Record<string, unknown>;
  if (!("structuredContent" in result)) return json;
  return JSON.stringify({ ...result, structuredContent: { [WRAPPED]: result["structuredContent"] } });
}

const pages = new WeakMap<ListPage, string>();

/** The members of a list as older clients can read it: each output schema is that of an object. */
export function pageJson(page: ListPage): string {
  const known = pages.get(page);
  if (known !== undefined) return known;
  const items = page.items.map(withObjectOutput);
  const isSame = items.every((item, i) => item === page.items[i]);
  const json = isSame ? `{${page.json}}` : JSON.stringify({ tools: items, nextCursor: page.nextCursor });
  pages.set(page, json);
  return json;
}

function withObjectOutput(item: JsonSchema): JsonSchema {
  const schema = item["outputSchema"];
  if (!isRecord(schema) || isObjectSchema(schema)) return item;
  const { $schema, $defs, ...inner } = schema;
  const outer = {
    ...($schema === undefined ? {} : { $schema }),
    type: "object",
    properties: { [WRAPPED]: inner },
    required: [WRAPPED],
    // References go to the root, so what they name must stay there.
    ...($defs === undefined ? {} : { $defs }),
  };
  return { ...item, outputSchema: outer };
}

function isObjectSchema(schema: Readonly<Record<string, unknown>>): boolean {
  return schema["type"] === "object";
}
