import { refuse } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { EventStream } from "../exchange.ts";
import { errorJson, type RequestId } from "../wire.ts";
import { answered, eventId, type Events, type Place, type StoredEvent } from "./outlet.ts";
import { STANDALONE, type StoredSession } from "./sessions.ts";

/** Where a client that comes back left off. */
export interface LastEvent {
  readonly stream: string;
  readonly seq: number;
}

const LOST = "The server stopped while this ran, so how it ended is not known. Look whether it was done before you call again.";

/** Sends what a client missed, then what comes (MCP 2025-11-25 transports, resumability). Without a last event: what comes, of the stream that belongs to no request. */
export async function resume(events: Events, session: StoredSession, { stream, last }: Resuming): Promise<void> {
  if (last === undefined || last.stream === STANDALONE) {
    const standalone = await session.standalone();
    return standalone.read(stream, last?.seq ?? Number.MAX_SAFE_INTEGER);
  }
  const live = session.outlets.get(last.stream);
  if (live !== undefined) return live.read(stream, last.seq);
  await replay(events, { session: session.hash, stream: last.stream }, { stream, after: last.seq });
}

export interface Resuming {
  readonly stream: EventStream;
  readonly last: LastEvent | undefined;
}

/** Sends the rest of a stream that nobody writes any more; what was never answered is answered now. */
async function replay(
  events: Events,
  place: Place,
  { stream, after }: { readonly stream: EventStream; readonly after: number },
): Promise<void> {
  const stored = await events.read(place, -1);
  for (const { seq, json } of stored) if (seq > after) await stream.send(json, eventId(place, seq));
  let seq = stored.at(-1)?.seq ?? 0;
  for (const id of unanswered(stored)) {
    const json = errorJson(refuse("fault", { message: LOST }), id);
    await events.add(place, ++seq, json);
    await stream.send(json, eventId(place, seq));
  }
  stream.end();
}

function unanswered(stored: readonly StoredEvent[]): RequestId[] {
  const [first, ...rest] = stored;
  const opening: unknown = first?.seq === 0 ? JSON.parse(first.json) : undefined;
  if (!isRecord(opening) || !Array.isArray(opening["requests"])) return [];
  const done = answered(rest);
  return (opening["requests"] as RequestId[]).filter((id) => !done.has(id));
}
