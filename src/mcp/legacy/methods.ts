import type { Answer, CallRequest, Principal } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { capabilitiesOf } from "../capabilities.ts";
import type { ListKind } from "../lists.ts";
import type { LegacyDeps } from "./index.ts";
import { pageJson } from "./result.ts";
import type { Session } from "./sessions.ts";
import { LATEST_VERSION, VERSIONS } from "./versions.ts";

/** What answers the requests of one method. */
export type Method = (request: CallRequest, session: Session | undefined) => Promise<Answer | Refusal>;

/** The methods of the revisions before 2026-07-28, each through the data path. */
export interface Methods {
  find(method: string): Method | undefined;
  /** The level from which on this caller gets log messages; undefined when there are none. */
  logLevelOf(principal: Principal, session: Session | undefined): string | undefined;
}

/** Until a client says which log messages it wants, the server decides (MCP 2025-11-25 logging). */
const DEFAULT_LOG_LEVEL = "info";
const LOG_LEVELS = new Set<unknown>(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);
const MAX_SUBSCRIPTIONS = 100;

export function createMethods(deps: LegacyDeps): Methods {
  const { path, identity } = deps;
  // Without a session to keep it in, the level lasts as long as the token is known to this process.
  const levels = new WeakMap<Principal, string>();

  const setLevel: Method = async (request, session) => {
    const { level } = request.params;
    if (typeof level !== "string" || !LOG_LEVELS.has(level)) {
      return path.observe(request, refuse("invalid_arguments", { message: `level must be one of ${[...LOG_LEVELS].join(", ")}.` }));
    }
    if (session === undefined) levels.set(request.principal, level);
    else await session.setLogLevel(level);
    return path.observe(request, EMPTY);
  };

  const methods = new Map<string, Method>([
    ["initialize", initialize(deps)],
    ["ping", (request) => path.observe(request, EMPTY)],
    ["tools/call", (request) => path.callTool(request)],
    ["prompts/get", (request) => path.getPrompt(request)],
    ["resources/read", (request) => path.readResource(request)],
    ["completion/complete", (request) => path.complete(request)],
    ["skills/get", (request) => path.getSkill(request)],
    ["resources/directory/read", (request) => path.readDirectory(request)],
    ["skills/list", list(deps, "skills")],
    ["tools/list", list(deps, "tools")],
    ["prompts/list", list(deps, "prompts")],
    ["resources/list", list(deps, "resources")],
    ["resources/templates/list", list(deps, "resourceTemplates")],
    ["resources/subscribe", subscribe(deps)],
    ["resources/unsubscribe", unsubscribe(deps)],
    ...(identity.hasLogging ? [["logging/setLevel", setLevel] as const] : []),
  ]);
  return {
    find: (method) => methods.get(method),
    logLevelOf(principal, session) {
      if (!identity.hasLogging) return undefined;
      return session?.logLevel ?? levels.get(principal) ?? DEFAULT_LOG_LEVEL;
    },
  };
}

/** The version that was asked for if it is served, else the latest of these (MCP 2025-11-25 lifecycle, version negotiation). */
function initialize({ path, registry, identity }: LegacyDeps): Method {
  const { serverInfo, instructions } = identity;
  const capabilities = capabilitiesOf(registry, identity, "legacy");
  const rest = { capabilities, serverInfo, ...(instructions === undefined ? {} : { instructions }) };
  return (request) => {
    const { protocolVersion: asked } = request.params;
    if (typeof asked !== "string") return path.observe(request, refuse("invalid_params", { message: "initialize takes protocolVersion." }));
    return path.observe(request, { type: "complete", json: JSON.stringify({ protocolVersion: agreedVersion(asked), ...rest }) });
  };
}

export function agreedVersion(asked: string): string {
  return VERSIONS.includes(asked) ? asked : LATEST_VERSION;
}

function list({ path, lists }: LegacyDeps, kind: ListKind): Method {
  return (request) => {
    const page = lists.page(kind, request.principal.authority, request.params["cursor"]);
    return path.observe(request, isRefusal(page) ? page : { type: "complete", json: pageJson(page) });
  };
}

/** A subscription is taken when the resource may be read. Without a session no update can be pushed, and it has no effect. */
function subscribe({ path }: LegacyDeps): Method {
  return async (request, session) => {
    const { uri } = request.params;
    const refusal =
      path.precheck(request) ?? (typeof uri === "string" ? undefined : refuse("invalid_arguments", { message: "uri must be a string." }));
    if (refusal !== undefined || typeof uri !== "string") return path.observe(request, refusal ?? refuse("invalid_arguments"));
    if (session !== undefined && session.subscriptions.size >= MAX_SUBSCRIPTIONS)
      return path.observe(request, refuse("invalid_arguments", { message: `A session may watch ${MAX_SUBSCRIPTIONS} resources at most.` }));
    await session?.subscribe(uri);
    return path.observe(request, EMPTY);
  };
}

function unsubscribe({ path }: LegacyDeps): Method {
  return async (request, session) => {
    await session?.unsubscribe(String(request.params["uri"]));
    return path.observe(request, EMPTY);
  };
}

const EMPTY: Answer = { type: "complete", json: "{}" };
