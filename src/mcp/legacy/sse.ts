import type { Principal } from "../../call/index.ts";
import { isRefusal, refuse } from "../../errors.ts";
import { createId } from "../../lib/id.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseClient } from "../client.ts";
import type { EventStream, Exchange } from "../exchange.ts";
import { observeAs, refuseOnRecord } from "../refuse-on-record.ts";
import { replyRefusal } from "../wire.ts";
import type { LegacyDeps } from "./index.ts";
import { readPost, type Incoming, type Post } from "./read-post.ts";
import { settle, type Server, type Serving } from "./serve.ts";
import { abandon, createSession, newsOf, type Session } from "./sessions.ts";
import { agreedVersion } from "./methods.ts";

/** HTTP+SSE (MCP 2024-11-05 transports): one stream for everything that the server says, and POSTs for what the client says. */
export interface Sse {
  /** Opens the stream; its first event names the path to POST to. */
  open(exchange: Exchange): Promise<void>;
  /** Takes messages of the client whose stream has this id; 202 at once, the responses go out on the stream. */
  post(exchange: Exchange, id: string, message: Record<string, unknown> | unknown[]): Promise<void>;
}

export const MESSAGES_PATH = "/messages";

interface Connection {
  readonly principal: Principal;
  readonly session: Session;
  readonly stream: EventStream;
  /** For a server that stops. */
  endIfIdle(): void;
}

export function createSse(deps: LegacyDeps, server: Server): Sse {
  const { path, streams } = deps;
  const connections = new Map<string, Connection>();

  async function open(exchange: Exchange): Promise<void> {
    const { principal } = exchange;
    const refusal = await observeAs(path, exchange, { method: "GET /sse", refusal: streams.check(principal) });
    if (refusal !== undefined) return replyRefusal(exchange, refusal);
    const id = createId("sse");
    const session = createSession();
    const stream = exchange.reply.stream();
    let isStopping = false;
    const endIfIdle = () => {
      if (isStopping && session.calls.size === 0) stream.end();
    };
    const release = streams.add(principal, (stops) => {
      isStopping = stops;
      if (stops) endIfIdle();
      else stream.end();
    });
    const unsubscribe = path.changes.subscribe((change) => {
      const json = newsOf(change, (uri) => session.subscriptions.has(uri) && deps.mayRead(principal, uri));
      if (json !== undefined) void stream.send(json);
    });
    stream.onClose(() => {
      release();
      unsubscribe();
      connections.delete(id);
      abandon(session);
    });
    connections.set(id, { principal, session, stream, endIfIdle });
    // Relative, so that it holds behind whatever name the client used.
    void stream.event({ name: "endpoint", data: `${MESSAGES_PATH}?sessionId=${id}${principal.narrowing.search.replace("?", "&")}` });
  }

  async function post(exchange: Exchange, id: string, message: Record<string, unknown> | unknown[]): Promise<void> {
    const connection = connections.get(id);
    if (connection === undefined || !isSamePrincipal(connection.principal, exchange.principal))
      return refuseOnRecord(path, exchange, { refusal: refuse("session_not_found") });
    const read = readPost(message, undefined);
    if (isRefusal(read)) return refuseOnRecord(path, exchange, { refusal: read });
    const { session, stream, endIfIdle } = connection;
    settle(session, read);
    const serving = {
      principal: exchange.principal,
      post: read,
      session,
      outlet: { send: (json: string) => stream.send(json), end: async () => {} },
    };
    const forbidden = await server.decideAll(serving);
    if (forbidden !== undefined) return replyRefusal(exchange, forbidden, read.isBatch ? undefined : read.requests[0]?.id);
    exchange.reply.accepted();
    await respondAll(server, serving, { stream, post: read });
    endIfIdle();
  }

  return { open, post };
}

interface Out {
  readonly stream: EventStream;
  readonly post: Post;
}

async function respondAll(server: Server, serving: Serving & { readonly session: Session }, { stream, post }: Out): Promise<void> {
  await Promise.all(
    post.requests.map(async (request) => {
      const { json, refusal } = await server.respond(serving, request);
      if (request.method === "initialize" && refusal === undefined) serving.session.agreed = agreedOf(request);
      if (refusal?.refused !== "cancelled") await stream.send(json);
    }),
  ).catch((error: unknown) => {
    stream.drop();
    throw error;
  });
}

/** What an `initialize` that was answered agreed on. */
export function agreedOf({ params }: Incoming): NonNullable<Session["agreed"]> {
  const { capabilities, clientInfo } = params;
  const protocol = agreedVersion(String(params["protocolVersion"]));
  return { protocol, capabilities: isRecord(capabilities) ? capabilities : {}, client: parseClient(clientInfo) };
}

function isSamePrincipal(a: Principal, b: Principal): boolean {
  const isSame = a.caller.workspaceId === b.caller.workspaceId && a.caller.clientId === b.caller.clientId;
  // What its address takes away from the stream, it takes away from what is posted to it.
  return isSame && a.caller.subject === b.caller.subject && a.narrowing.search === b.narrowing.search;
}
