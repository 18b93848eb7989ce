/** MCP 2024-11-05 to 2025-11-25: Streamable HTTP with sessions and without, and HTTP+SSE. */
import type { Principal } from "../../call/index.ts";
import { isRefusal, refuse } from "../../errors.ts";
import { headerOf, type Exchange } from "../exchange.ts";
import type { McpDeps } from "../index.ts";
import type { Lists } from "../lists.ts";
import type { OpenStreams } from "../open-streams.ts";
import { observeAs, refuseOnRecord } from "../refuse-on-record.ts";
import { replyRefusal } from "../wire.ts";
import { deliver } from "./deliver.ts";
import { createMethods } from "./methods.ts";
import { createEvents } from "./outlet.ts";
import { readPost, type Incoming, type Post } from "./read-post.ts";
import { openStream } from "./open-stream.ts";
import { createServing, settle } from "./serve.ts";
import { createSessions, type StoredSession } from "./sessions.ts";
import { agreedOf, createSse, type Sse } from "./sse.ts";

export { BATCH_VERSION } from "./versions.ts";
export { MESSAGES_PATH } from "./sse.ts";

export interface LegacyDeps extends McpDeps {
  readonly lists: Lists;
  readonly streams: OpenStreams;
  readonly mayRead: (principal: Principal, uri: string) => boolean;
}

export interface Legacy {
  post(exchange: Exchange, message: Record<string, unknown> | unknown[]): Promise<void>;
  /** Opens a session's stream, or goes on with one that broke (`Last-Event-ID`). */
  get(exchange: Exchange): Promise<void>;
  /** Ends a session. */
  delete(exchange: Exchange): Promise<void>;
  readonly sse: Sse;
  close(): void;
}

const SESSION_HEADER = "mcp-session-id";

export function createLegacy(deps: LegacyDeps): Legacy {
  const { path } = deps;
  const methods = createMethods(deps);
  const server = createServing(deps, methods);
  const events = createEvents(deps.sessions, deps.sessionKey, deps.now);
  const sessions = createSessions({ ...deps, store: deps.sessions, events, changes: path.changes });

  /** The session that a request names; undefined when it names none, a refusal when that is not one of this principal. */
  async function sessionOf({ headers, principal }: Exchange) {
    const id = headerOf(headers, SESSION_HEADER);
    return id === undefined ? undefined : ((await sessions.find(id, principal)) ?? refuse("session_not_found"));
  }

  async function post(exchange: Exchange, message: Record<string, unknown> | unknown[]): Promise<void> {
    const read = readPost(message, headerOf(exchange.headers, "mcp-protocol-version"));
    if (isRefusal(read)) return refuseOnRecord(path, exchange, { refusal: read });
    const [first] = read.requests;
    const session = first?.method === "initialize" ? undefined : await sessionOf(exchange);
    if (isRefusal(session)) return refuseOnRecord(path, exchange, { refusal: session, method: first?.method ?? "", id: first?.id });
    if (session !== undefined) settle(session, read);
    if (first === undefined) return exchange.reply.accepted();
    const refusal = busy(deps, exchange, read);
    if (refusal !== undefined) return refuseOnRecord(path, exchange, { refusal });
    const forbidden = await server.decideAll({ principal: exchange.principal, post: read, session });
    if (forbidden !== undefined) return replyRefusal(exchange, forbidden, read.isBatch ? undefined : first.id);
    if (first.method === "initialize") return initialize(exchange, read, first);
    await deliver({ events, server, streamMs: deps.streamMs }, { exchange, post: read, session });
  }

  async function initialize(exchange: Exchange, read: Post, request: Incoming): Promise<void> {
    const { principal, reply } = exchange;
    const { json, refusal } = await server.respond({ principal, post: read, session: undefined, outlet: undefined }, request);
    if (refusal !== undefined) return replyRefusal(exchange, refusal, request.id);
    const { id } = await sessions.create(principal, agreedOf(request));
    reply.json(200, read.isBatch ? `[${json}]` : json, { "Mcp-Session-Id": id });
  }

  async function get(exchange: Exchange): Promise<void> {
    const session = await sessionOf(exchange);
    if (session === undefined) return refuseOnRecord(path, exchange, { refusal: NO_STREAM, method: "GET /mcp" });
    await openStream(deps, { exchange, session, events });
  }

  async function end(exchange: Exchange): Promise<void> {
    const session = (await sessionOf(exchange)) ?? NO_STREAM;
    const refusal = await observeAs(path, exchange, { method: "DELETE /mcp", refusal: isRefusal(session) ? session : undefined });
    if (refusal !== undefined) return replyRefusal(exchange, refusal);
    await sessions.end(session as StoredSession);
    exchange.reply.json(200, "{}");
  }

  return { post, get, delete: end, sse: createSse(deps, server), close: () => sessions.close() };
}

/** MCP 2025-11-25 transports: a server that offers no stream here answers 405. */
const NO_STREAM = refuse("method_not_allowed", {
  message: "Use POST. GET and DELETE belong to a session, whose id goes in the Mcp-Session-Id header.",
  headers: { allow: "POST" },
});

/** The POST took one token of the caller's bucket; the other messages of a batch take theirs. */
function busy({ path }: LegacyDeps, { principal }: Exchange, { requests }: Post) {
  const waitSeconds = requests.length > 1 ? path.pace(principal, requests.length - 1) : 0;
  return waitSeconds > 0 ? refuse("rate_limited", { headers: { "retry-after": String(waitSeconds) } }) : undefined;
}
