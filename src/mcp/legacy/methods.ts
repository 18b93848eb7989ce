import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS, type ServerCapabilities } from "@modelcontextprotocol/server";
import type { Answer, CallRequest, Principal } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import type { ListKind } from "../lists.ts";
import type { LegacyDeps } from "./index.ts";

/** What answers the requests of one method. */
export type Method = (request: CallRequest) => Promise<Answer | Refusal>;

/** The methods of the revisions before 2026-07-28, each through the data path. */
export interface Methods {
  find(method: string): Method | undefined;
  /** The level from which on this caller gets log messages; undefined when there are none. */
  logLevelOf(principal: Principal): string | undefined;
}

/** Until a client says which log messages it wants, the server decides (MCP 2025-11-25 logging). */
const DEFAULT_LOG_LEVEL = "info";
const LOG_LEVELS = new Set<unknown>(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);

export function createMethods(deps: LegacyDeps): Methods {
  const { path, identity } = deps;
  // There is no session to keep the level in; it lasts as long as the token is known to this process.
  const levels = new WeakMap<Principal, string>();

  function setLevel(request: CallRequest): Promise<Answer | Refusal> {
    const { level } = request.params;
    if (typeof level !== "string" || !LOG_LEVELS.has(level)) {
      return path.observe(request, refuse("invalid_arguments", { message: `level must be one of ${[...LOG_LEVELS].join(", ")}.` }));
    }
    levels.set(request.principal, level);
    return path.observe(request, EMPTY);
  }

  const methods = new Map<string, Method>([
    ["initialize", initialize(deps)],
    ["ping", (request) => path.observe(request, EMPTY)],
    ["tools/call", (request) => path.callTool(request)],
    ["prompts/get", (request) => path.getPrompt(request)],
    ["resources/read", (request) => path.readResource(request)],
    ["completion/complete", (request) => path.complete(request)],
    ["tools/list", list(deps, "tools")],
    ["prompts/list", list(deps, "prompts")],
    ["resources/list", list(deps, "resources")],
    ["resources/templates/list", list(deps, "resourceTemplates")],
    // Without a session no update can be pushed, so a subscription is taken, when the resource may be read, and has no effect.
    ["resources/subscribe", (request) => path.observe(request, path.precheck(request) ?? EMPTY)],
    ["resources/unsubscribe", (request) => path.observe(request, EMPTY)],
    ...(identity.hasLogging ? [["logging/setLevel", setLevel] as const] : []),
  ]);
  return {
    find: (method) => methods.get(method),
    logLevelOf: (principal) => (identity.hasLogging ? (levels.get(principal) ?? DEFAULT_LOG_LEVEL) : undefined),
  };
}

/** What was declared, without the promise to push: that would need a session. */
export function capabilitiesOf({ registry, identity }: LegacyDeps): ServerCapabilities {
  const hasResources = registry.resources.size + registry.templates.length > 0;
  return {
    ...(registry.tools.size > 0 ? { tools: {} } : {}),
    ...(registry.prompts.size > 0 ? { prompts: {} } : {}),
    ...(hasResources ? { resources: {} } : {}),
    ...(registry.prompts.size > 0 || hasResources ? { completions: {} } : {}),
    ...(identity.hasLogging ? { logging: {} } : {}),
  };
}

/** The version that was asked for if it is one of the SDK's, else its latest (MCP 2025-11-25 lifecycle, version negotiation). */
function initialize(deps: LegacyDeps): Method {
  const { serverInfo, instructions } = deps.identity;
  const rest = { capabilities: capabilitiesOf(deps), serverInfo, ...(instructions === undefined ? {} : { instructions }) };
  return (request) => {
    const { protocolVersion: asked } = request.params;
    if (typeof asked !== "string")
      return deps.path.observe(request, refuse("invalid_params", { message: "initialize takes protocolVersion." }));
    const protocolVersion = SUPPORTED_PROTOCOL_VERSIONS.includes(asked) ? asked : LATEST_PROTOCOL_VERSION;
    return deps.path.observe(request, { type: "complete", json: JSON.stringify({ protocolVersion, ...rest }) });
  };
}

function list(deps: LegacyDeps, kind: ListKind): Method {
  return (request) => {
    const page = deps.lists.page(kind, request.principal.scopes, request.params["cursor"]);
    return deps.path.observe(request, isRefusal(page) ? page : { type: "complete", json: `{${page.json}}` });
  };
}

const EMPTY: Answer = { type: "complete", json: "{}" };
