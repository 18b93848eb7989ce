import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { headerOf, type Exchange } from "../exchange.ts";
import { observeAs } from "../refuse-on-record.ts";
import { replyRefusal } from "../wire.ts";
import type { LegacyDeps } from "./index.ts";
import { parseEventId, type Events } from "./outlet.ts";
import { resume } from "./resume.ts";
import { listChanged, type StoredSession } from "./sessions.ts";

/** A GET in a session, or what became of finding that. */
export interface Opening {
  readonly exchange: Exchange;
  readonly session: StoredSession | Refusal;
  readonly events: Events;
}

const LISTS = ["tools", "prompts", "resources"] as const;
const NO_SUCH_EVENT = refuse("invalid_request", { message: "Last-Event-ID is not the id of an event that was sent here." });

/** Opens a session's stream, or goes on with one that broke. */
export async function openStream({ path, streams }: LegacyDeps, { exchange, session, events }: Opening): Promise<void> {
  const { principal, headers, reply } = exchange;
  const lastId = headerOf(headers, "last-event-id");
  const last = lastId === undefined ? undefined : parseEventId(lastId);
  const isOdd = lastId !== undefined && last === undefined;
  const problem = isRefusal(session) ? session : isOdd ? NO_SUCH_EVENT : streams.check(principal);
  const refusal = await observeAs(path, exchange, { method: "GET /mcp", refusal: problem });
  if (refusal !== undefined || isRefusal(session)) return replyRefusal(exchange, refusal ?? NO_SUCH_EVENT);
  const stream = reply.stream();
  const release = streams.add(principal, (isStopping) => {
    // What the caller may use has changed, or it has to show its token anew.
    if (!isStopping) for (const list of LISTS) void stream.send(listChanged(list));
    stream.end();
  });
  stream.onClose(release);
  await resume(events, session, { stream, last });
}
