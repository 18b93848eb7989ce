import { messagesIn } from "../lib/event-stream/index.ts";
import type { GuardedFetch } from "../lib/guarded-fetch.ts";
import { isRecord } from "../lib/is-record.ts";
import type { Catalogue } from "./catalogue.ts";
import { parseToolList } from "./from-list.ts";

/** A server, and how to reach it. */
export interface AskedServer {
  readonly url: URL;
  readonly guarded: GuardedFetch;
  /** Sent with every request, such as the authorization. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Why no list came. `status` is that of HTTP when there was an answer. */
interface NoList {
  readonly problem: string;
  readonly status?: number;
}

const MODERN = "2026-07-28";
const LEGACY = "2025-11-25";
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_PAGES = 100;
const CLIENT = { name: "remit-lint", version: "1" };

/** The tools of a server of either protocol era, asked for twice, so that a changing order is seen. */
export async function askServer(server: AskedServer): Promise<Catalogue | NoList> {
  const modern = await listWith(server, modernly);
  const first = isProblem(modern) && isOfAnotherEra(modern) ? await listOfLegacy(server) : { list: modern, call: modernly };
  if (isProblem(first)) return first;
  const { list, call } = first;
  if (isProblem(list)) return list;
  const again = await listWith(server, call);
  const catalogue = parseToolList(list);
  if (typeof catalogue === "string") return { problem: catalogue };
  const names = isProblem(again) ? undefined : again.map((each) => (isRecord(each) ? String(each["name"]) : ""));
  return { ...catalogue, ...(names === undefined ? {} : { orderAgain: names }) };
}

type List = readonly unknown[];
type Call = (
  server: AskedServer,
  method: string,
  params: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>> | NoList>;

function isProblem<T extends object>(value: T | NoList): value is NoList {
  return "problem" in value;
}

/** Servers of before 2026-07-28 want a session first, and say so with one of these. */
function isOfAnotherEra({ status }: NoList): boolean {
  return status !== undefined && (status === 200 || status === 400 || status === 404 || status === 405 || status === 406);
}

async function listWith(server: AskedServer, call: Call): Promise<List | NoList> {
  const tools: unknown[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await call(server, "tools/list", cursor === undefined ? {} : { cursor });
    if (isProblem(result)) return result;
    if (!Array.isArray(result["tools"])) return { problem: "the answer to tools/list has no tools", status: 200 };
    tools.push(...(result["tools"] as List));
    cursor = result["nextCursor"];
    if (typeof cursor !== "string") return tools;
  }
  return { problem: `the list has more than ${MAX_PAGES} pages` };
}

const modernly: Call = (server, method, params) =>
  post(server, {
    headers: { "mcp-protocol-version": MODERN, "mcp-method": method },
    method,
    params: {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": CLIENT,
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  }).then(({ result }) => result);

/** With the handshake of older servers, and their session when they give one. */
async function listOfLegacy(server: AskedServer): Promise<{ readonly list: List | NoList; readonly call: Call } | NoList> {
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT };
  const { result, session } = await post(server, { headers: {}, method: "initialize", params });
  if (isProblem(result)) return result;
  const version = typeof result["protocolVersion"] === "string" ? result["protocolVersion"] : LEGACY;
  const headers = { "mcp-protocol-version": version, ...(session === undefined ? {} : { "mcp-session-id": session }) };
  await post(server, { headers, method: "notifications/initialized", params: {}, isNotification: true });
  const call: Call = (to, method, given) => post(to, { headers, method, params: given }).then(({ result }) => result);
  return { list: await listWith(server, call), call };
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly isNotification?: boolean;
}

interface Answer {
  readonly result: Readonly<Record<string, unknown>> | NoList;
  readonly session?: string;
}

async function post({ url, guarded, headers }: AskedServer, message: Message): Promise<Answer> {
  const { method, params, isNotification = false } = message;
  const {
    status,
    headers: answered,
    text,
  } = await guarded(url, {
    method: "POST",
    headers: { ...headers, ...message.headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", ...(isNotification ? {} : { id: 1 }), method, params }),
    maxBodyBytes: MAX_BODY_BYTES,
  });
  const session = answered.get("mcp-session-id") ?? undefined;
  const result = isNotification ? {} : resultOf(status, text, answered.get("content-type") ?? "");
  return { result, ...(session === undefined ? {} : { session }) };
}

function resultOf(status: number, text: string, type: string): Readonly<Record<string, unknown>> | NoList {
  if (status < 200 || status > 299) return { problem: `it answers ${status}`, status };
  const answer = messagesIn(text, type).find((each) => isRecord(each) && each["id"] === 1);
  if (!isRecord(answer)) return { problem: "its answer is no JSON-RPC message", status };
  if (isRecord(answer["result"])) return answer["result"];
  const { error } = answer;
  return { problem: `it answers with the error ${isRecord(error) ? String(error["code"]) : "of no form"}`, status };
}
