import { createId } from "../../lib/id.ts";
import { takesStreams, type Exchange } from "../exchange.ts";
import { replyRefusal } from "../wire.ts";
import { eventId, type Events, type Outlet } from "./outlet.ts";
import type { Post } from "./read-post.ts";
import { isToldByStatus, type Responded, type Server } from "./serve.ts";
import type { StoredSession } from "./sessions.ts";

/** A POST that is decided on, and in which session it came, if in one. */
export interface Delivery {
  readonly exchange: Exchange;
  readonly post: Post;
  readonly session: StoredSession | undefined;
}

export interface Delivering {
  readonly events: Events;
  readonly server: Server;
  /** How long the stream of a call is held for a client that can come back for the rest. */
  readonly streamMs: number;
}

/** A call of a session that takes longer gets its stream, so that a client whose connection breaks can come back for the answer. */
const OPEN_AFTER_MS = 1000;
/** After how long such a client shall come back. */
const RETRY_MS = 1000;
/** Clients of earlier revisions take an event without data for a message (MCP 2025-11-25 transports, polling). */
const PRIMES_FROM = "2025-11-25";

/** Runs the requests of a POST side by side and answers with JSON, or with a stream as soon as anything comes before the last response. */
export async function deliver({ events, server, streamMs }: Delivering, { exchange, post, session }: Delivery): Promise<void> {
  const responded: Responded[] = [];
  let opened: Outlet | undefined;
  function open(): Outlet {
    if (opened !== undefined) return opened;
    opened = session === undefined ? openPlain(exchange) : openStored({ events, streamMs }, session, { exchange, post });
    for (const { json } of responded.splice(0)) void opened.send(json).catch(() => undefined);
    return opened;
  }

  const outlet = takesStreams(exchange.headers) ? { send: (json: string) => open().send(json), end: () => Promise.resolve() } : undefined;
  const late = session === undefined || outlet === undefined ? undefined : setTimeout(open, OPEN_AFTER_MS).unref();
  const serving = { principal: exchange.principal, post, session, outlet };
  try {
    await Promise.all(
      post.requests.map(async (request) => {
        const response = await server.respond(serving, request);
        if (opened === undefined) responded.push(response);
        // Whoever cancelled a call does not wait for its response.
        else if (response.refusal?.refused !== "cancelled") await opened.send(response.json);
      }),
    );
  } finally {
    clearTimeout(late);
    await opened?.end();
  }
  if (opened === undefined) answerAtOnce(exchange, post, responded);
}

function answerAtOnce(exchange: Exchange, { isBatch, requests }: Post, responded: readonly Responded[]): void {
  const [first] = responded;
  if (first?.refusal !== undefined && responded.every(isToldByStatus))
    return replyRefusal(exchange, first.refusal, isBatch ? undefined : requests[0]?.id);
  exchange.reply.json(200, isBatch ? `[${responded.map(({ json }) => json).join(",")}]` : (first?.json ?? ""));
}

function openPlain({ reply }: Exchange): Outlet {
  const stream = reply.stream();
  return { send: (json) => stream.send(json), end: async () => stream.end() };
}

/** The first event is which requests the stream answers; it is stored and not sent, and its id is where a resumption may begin. */
function openStored(
  { events, streamMs }: Omit<Delivering, "server">,
  session: StoredSession,
  { exchange, post }: Pick<Delivery, "exchange" | "post">,
): Outlet {
  const place = { session: session.hash, stream: createId("s") };
  const outlet = events.open(place, -1);
  session.outlets.set(place.stream, outlet);
  const stream = exchange.reply.stream();
  void outlet.send(JSON.stringify({ requests: post.requests.map(({ id }) => id) })).catch(() => stream.drop());
  if ((session.agreed?.protocol ?? "") >= PRIMES_FROM) {
    void stream.event({ name: null, id: eventId(place, 0), retryMs: RETRY_MS, data: "" });
    // The call goes on; its client comes back for what it has missed (MCP 2025-11-25 transports, polling).
    const poll = setTimeout(() => stream.end(), streamMs).unref();
    stream.onClose(() => clearTimeout(poll));
  }
  outlet.read(stream, 0);
  return {
    send: (json) => outlet.send(json),
    end: () => outlet.end().finally(() => session.outlets.delete(place.stream)),
  };
}
