import type { RequestMeta } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { HeaderParam, Registry } from "../../tool/index.ts";
import { headerOf, type Exchange } from "../exchange.ts";
import { parseClient } from "../client.ts";
import { parseTrace } from "../trace.ts";
import type { RequestId } from "../wire.ts";
import { namesTask } from "./tasks.ts";

export const MODERN_VERSION = "2026-07-28";

const META = "io.modelcontextprotocol/";
const VERSION_KEY = `${META}protocolVersion`;
const CAPABILITIES_KEY = `${META}clientCapabilities`;
const CLIENT_KEY = `${META}clientInfo`;
const LOG_LEVEL_KEY = `${META}logLevel`;
const LOG_LEVELS = new Set(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);

/** A message of revision 2026-07-28 whose headers and metadata agree. A notification has no id. */
export interface Envelope {
  readonly id: RequestId | undefined;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: RequestMeta;
}

/** The id of a message, if it has one that can be answered to. */
export function requestIdOf(message: unknown): RequestId | undefined {
  const id = isRecord(message) ? message["id"] : undefined;
  return typeof id === "string" || Number.isInteger(id) ? (id as RequestId) : undefined;
}

/** Whether a message claims revision 2026-07-28 or later: by its metadata, or by its header when it has none. */
export function isModern(message: unknown, version: string | undefined): boolean {
  if (!isRecord(message)) return false;
  const params = message["params"];
  if (isRecord(params) && isRecord(params["_meta"]) && VERSION_KEY in params["_meta"]) return true;
  return version !== undefined && version >= MODERN_VERSION;
}

/** Checks a message against MCP 2026-07-28 `basic` and `transports/streamable-http`: shape, metadata, and headers that mirror the body. */
export function parseEnvelope(message: Record<string, unknown>, headers: Exchange["headers"]): Envelope | Refusal {
  const { jsonrpc, method, params = {} } = message;
  const id = requestIdOf(message);
  if (jsonrpc !== "2.0" || typeof method !== "string" || ("id" in message && id === undefined)) return refuse("invalid_request");
  if (!isRecord(params)) return refuse("invalid_request", { message: "params must be an object." });
  const fromMeta = parseMeta(params["_meta"], headers);
  if (isRefusal(fromMeta)) return fromMeta;
  if (headerOf(headers, "mcp-method") !== method) return mismatch("Mcp-Method must be the method of the body.");
  const named = nameOf(method, params);
  if (named !== undefined && decodeHeader(headerOf(headers, "mcp-name")) !== named)
    return mismatch("Mcp-Name must be the name, URI or task id of the body.");
  return { id, method, params, meta: fromMeta };
}

function parseMeta(meta: unknown, headers: Exchange["headers"]): RequestMeta | Refusal {
  if (!isRecord(meta) || typeof meta[VERSION_KEY] !== "string") {
    return refuse("invalid_params", { message: `params._meta must carry "${VERSION_KEY}".` });
  }
  const protocol = meta[VERSION_KEY];
  if (headerOf(headers, "mcp-protocol-version") !== protocol) return mismatch("MCP-Protocol-Version must be the version of the body.");
  if (protocol !== MODERN_VERSION) {
    return refuse("unsupported_version", { data: { supported: [MODERN_VERSION], requested: protocol.slice(0, 32) } });
  }
  const capabilities = meta[CAPABILITIES_KEY];
  if (!isRecord(capabilities)) return refuse("invalid_params", { message: `params._meta must carry "${CAPABILITIES_KEY}", an object.` });
  const logLevel = meta[LOG_LEVEL_KEY];
  if (logLevel !== undefined && !(typeof logLevel === "string" && LOG_LEVELS.has(logLevel))) {
    return refuse("invalid_params", { message: `"${LOG_LEVEL_KEY}" must be one of ${[...LOG_LEVELS].join(", ")}.` });
  }
  const progressToken = meta["progressToken"];
  return {
    protocol,
    capabilities,
    logLevel,
    progressToken: typeof progressToken === "string" || typeof progressToken === "number" ? progressToken : undefined,
    client: parseClient(meta[CLIENT_KEY]),
    trace: parseTrace(meta),
  };
}

function nameOf(method: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const member = nameMember(method);
  const name = member === undefined ? undefined : params[member];
  return typeof name === "string" ? name : undefined;
}

/** The parameter that Mcp-Name repeats. */
function nameMember(method: string): string | undefined {
  if (namesTask(method)) return "taskId";
  if (method === "resources/read") return "uri";
  return method === "tools/call" || method === "prompts/get" ? "name" : undefined;
}

/** A header value as meant: values that do not fit into a header come as `=?base64?…?=`. Undefined when it cannot be decoded. */
function decodeHeader(value: string | undefined): string | undefined {
  const encoded = value === undefined ? undefined : /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded) return undefined;
  return bytes.toString("utf8");
}

/** Checks the `Mcp-Param-*` headers of a tool call against its arguments (MCP 2026-07-28 `x-mcp-header`). */
export function checkHeaderParams(registry: Registry, { method, params }: Envelope, headers: Exchange["headers"]): Refusal | undefined {
  const tool = method === "tools/call" ? registry.tools.get(String(params["name"])) : undefined;
  for (const param of tool?.headerParams ?? []) {
    const given = headerOf(headers, param.header);
    const value = valueAt(params["arguments"], param.path);
    if (value === undefined || value === null ? given !== undefined : !isSame(decodeHeader(given), value, param)) {
      return mismatch(`${param.header} must be the value of ${param.path.join(".")}.`);
    }
  }
  return undefined;
}

function isSame(given: string | undefined, value: unknown, param: HeaderParam): boolean {
  if (given === undefined) return false;
  return param.type === "integer" ? given.trim() !== "" && Number(given) === value : given === String(value);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const part of path) at = isRecord(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}

function mismatch(message: string): Refusal {
  return refuse("header_mismatch", { message });
}
