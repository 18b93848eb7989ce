/** MCP 2026-07-28, served directly: every message stands alone, so there is nothing between the wire and the data path. */
import type { Answer, CallPath, CallRequest, Sink } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import type { Registry } from "../../tool/index.ts";
import { capabilitiesOf } from "../capabilities.ts";
import { takesStreams, type EventStream, type Exchange } from "../exchange.ts";
import type { Identity } from "../identity.ts";
import type { ListKind, Lists } from "../lists.ts";
import { refuseOnRecord } from "../refuse-on-record.ts";
import { errorJson, replyRefusal, type RequestId } from "../wire.ts";
import { checkHeaderParams, MODERN_VERSION, parseEnvelope, requestIdOf, type Envelope } from "./envelope.ts";
import type { Listening } from "./listen.ts";
import { taskMethods } from "./tasks.ts";

export { isModern } from "./envelope.ts";
export { createListening, type Listening } from "./listen.ts";

export interface ModernDeps {
  readonly path: CallPath;
  readonly registry: Registry;
  readonly lists: Lists;
  readonly listening: Listening;
  readonly identity: Identity;
}

export interface Modern {
  handle(exchange: Exchange, message: Record<string, unknown>): Promise<void>;
}

type Method = (exchange: Exchange, request: CallRequest) => Promise<Answer | Refusal>;

/** How long a client may keep a list. It can change with the policy of the workspace, and then calls are decided by that all the same. */
const LIST_TTL_MS = 60_000;

export function createModern(deps: ModernDeps): Modern {
  const { path, identity } = deps;
  // Every result says who answered (MCP 2026-07-28 basic, `serverInfo`).
  const tail = `"_meta":${JSON.stringify({ "io.modelcontextprotocol/serverInfo": identity.serverInfo })}}`;
  const discovered = discoverJson(deps);
  const methods = new Map<string, Method>([
    ["server/discover", (_exchange, request) => path.observe(request, complete(discovered))],
    ["tools/call", (_exchange, request) => path.callTool(request)],
    ["prompts/get", (_exchange, request) => path.getPrompt(request)],
    ["resources/read", async (_exchange, request) => cached(await path.readResource(request), 0)],
    ["completion/complete", (_exchange, request) => path.complete(request)],
    ["tools/list", list(deps, "tools")],
    ["prompts/list", list(deps, "prompts")],
    ["resources/list", list(deps, "resources")],
    ["resources/templates/list", list(deps, "resourceTemplates")],
    ...(deps.registry.skills.size > 0 ? skillMethods(deps) : []),
    ...(deps.registry.hasTasks ? taskMethods(path) : []),
  ]);

  return {
    handle(exchange, message) {
      const envelope = parseEnvelope(message, exchange.headers);
      const refused = isRefusal(envelope) ? envelope : checkHeaderParams(deps.registry, envelope, exchange.headers);
      if (refused !== undefined || isRefusal(envelope))
        return refuseOnRecord(path, exchange, { refusal: refused ?? refuse("invalid_request"), ...readable(message) });
      if (envelope.id === undefined) return notified(path, exchange, envelope);
      const { id } = envelope;
      if (envelope.method === "subscriptions/listen") return deps.listening.open(exchange, requestOf(exchange, envelope), id);
      const method = methods.get(envelope.method);
      if (method === undefined) return refuseOnRecord(path, exchange, { refusal: refuse("method_not_found"), method: envelope.method, id });
      const streaming = createSink(exchange);
      const answering = method(exchange, requestOf(exchange, envelope, streaming.sink));
      return answering.then((answer) => respond(exchange, answer, { id, tail, stream: streaming.opened() }));
    },
  };
}

function skillMethods(deps: ModernDeps): [string, Method][] {
  return [
    ["skills/list", list(deps, "skills")],
    ["skills/get", async (_exchange, request) => cached(await deps.path.getSkill(request), 0)],
    ["resources/directory/read", async (_exchange, request) => cached(await deps.path.readDirectory(request), 0)],
  ];
}

function list(deps: ModernDeps, kind: ListKind): Method {
  return (_exchange, request) => {
    const page = deps.lists.page(kind, request.principal.authority, request.params["cursor"]);
    return deps.path.observe(request, isRefusal(page) ? page : cached(complete(`{${page.json}}`), LIST_TTL_MS));
  };
}

function complete(json: string): Answer {
  return { type: "complete", json };
}

/** Adds the caching hints. What a caller sees depends on its scopes, so nothing may be shared between callers. */
function cached<A extends Answer | Refusal>(answer: A, ttlMs: number): A | Answer {
  if (isRefusal(answer) || answer.type !== "complete") return answer;
  return complete(`${answer.json.slice(0, -1)},"ttlMs":${ttlMs},"cacheScope":"private"}`);
}

function discoverJson({ registry, identity }: ModernDeps): string {
  const result = {
    supportedVersions: [MODERN_VERSION],
    capabilities: capabilitiesOf(registry, identity, "modern"),
    ...(identity.instructions === undefined ? {} : { instructions: identity.instructions }),
    ttlMs: LIST_TTL_MS,
    cacheScope: "private",
  };
  return JSON.stringify(result);
}

function requestOf(exchange: Exchange, envelope: Envelope, sink?: Sink): CallRequest {
  const { principal, cancelled } = exchange;
  return { principal, cancelled, method: envelope.method, meta: envelope.meta, params: envelope.params, sink };
}

/** A sink that turns the response into a stream when the first notification is sent; a client that takes no stream gets none. */
function createSink(exchange: Exchange): { readonly sink: Sink | undefined; opened(): EventStream | undefined } {
  let stream: EventStream | undefined;
  const open = () => (stream ??= exchange.reply.stream());
  return {
    sink: takesStreams(exchange.headers) ? { send: (json) => open().send(json) } : undefined,
    opened: () => stream,
  };
}

interface Responding {
  readonly id: RequestId;
  readonly tail: string;
  readonly stream: EventStream | undefined;
}

function respond(exchange: Exchange, answer: Answer | Refusal, { id, tail, stream }: Responding): void {
  if (exchange.cancelled.isCancelled) {
    stream?.end();
    return;
  }
  if (isRefusal(answer)) {
    if (stream === undefined) return replyRefusal(exchange, answer, id);
    return stream.end(errorJson(answer, id));
  }
  const body = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson(answer, tail)}}`;
  if (stream === undefined) return exchange.reply.json(200, body);
  stream.end(body);
}

const META = '{"_meta":{';

/** The members of an answer with `tail`, which is a `_meta` and the end of the object. A `_meta` of the answer's own stands first. */
function resultJson({ type, json }: Answer, tail: string): string {
  if (json.startsWith(META)) return `${META}${tail.slice(META.length - 1, -2)},${json.slice(META.length, -1)},"resultType":"${type}"}`;
  return `${json.length > 2 ? `${json.slice(0, -1)},` : "{"}"resultType":"${type}",${tail}`;
}

/** A notification is taken when it is one; nothing that clients may still send to a stateless server needs an action. */
function notified(path: CallPath, exchange: Exchange, { method }: Envelope): Promise<void> {
  if (!method.startsWith("notifications/")) {
    return refuseOnRecord(path, exchange, {
      method,
      refusal: refuse("invalid_request", { message: "A request needs an id." }),
    });
  }
  exchange.reply.accepted();
  return Promise.resolve();
}

/** What a message says about itself, as far as it is well formed. */
function readable(message: Readonly<Record<string, unknown>>): { readonly method: string; readonly id: RequestId | undefined } {
  return { method: typeof message["method"] === "string" ? message["method"] : "", id: requestIdOf(message) };
}
