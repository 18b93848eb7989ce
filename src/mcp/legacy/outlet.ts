import { isRecord } from "../../lib/is-record.ts";
import { seal, unseal } from "../../lib/secret.ts";
import type { Clock } from "../../lib/clock.ts";
import type { SessionStore } from "../../store/index.ts";
import type { EventStream } from "../exchange.ts";
import type { RequestId } from "../wire.ts";

/** Where the messages of the server go: each resolves once the reader has taken it, or has gone. */
export interface Outlet {
  send(json: string): Promise<void>;
  /** Resolves when everything sent before is where it goes. */
  end(): Promise<void>;
}

/** One stream of a session. What is sent is stored first, so that a client which lost its connection gets it on the next one. */
export interface StoredOutlet extends Outlet {
  /** Makes this the reader, in the place of one before; it gets everything after `after` that was stored, then what comes. */
  read(stream: EventStream, after: number): void;
}

/** The store of what was sent in sessions. */
export interface Events {
  /** A stream that begins (`after` -1), or goes on after an event. */
  open(place: Place, after: number): StoredOutlet;
  /** Resolves with the `seq` of the newest event; undefined when there is none. */
  last(place: Place): Promise<number | undefined>;
  /** Stores one event of a stream that nobody writes any more. */
  add(place: Place, seq: number, json: string): Promise<void>;
  read(place: Place, after: number): Promise<readonly StoredEvent[]>;
}

export interface Place {
  /** The id_hash of the session. */
  readonly session: string;
  readonly stream: string;
}

export interface StoredEvent {
  readonly seq: number;
  readonly json: string;
}

/** The name of an event, as clients send it back in `Last-Event-ID`. */
export function eventId({ stream }: Place, seq: number): string {
  return `${stream}.${seq}`;
}

export function parseEventId(id: string): { readonly stream: string; readonly seq: number } | undefined {
  const [, stream, seq] = /^([0-9a-z_]{1,40})\.(\d{1,9})$/.exec(id) ?? [];
  return stream === undefined ? undefined : { stream, seq: Number(seq) };
}

export function createEvents(store: SessionStore, key: Uint8Array, now: Clock): Events {
  const contextOf = (place: Place, seq: number) => `mcp event ${place.session} ${eventId(place, seq)}`;
  const events: Events = {
    open: (place, after) => createStoredOutlet(events, place, after),
    last: ({ session, stream }) => store.lastEvent(session, stream),
    async add(place, seq, json) {
      const { session, stream } = place;
      await store.appendEvent({ session_hash: session, stream, seq, sealed: seal(key, json, contextOf(place, seq)), at: now() });
    },
    async read(place, after) {
      const rows = await store.readEvents(place.session, place.stream, after);
      return rows.map(({ seq, sealed }) => ({ seq, json: unseal(key, sealed, contextOf(place, seq)) }));
    },
  };
  return events;
}

function createStoredOutlet(events: Events, place: Place, after: number): StoredOutlet {
  let seq = after;
  let reader: EventStream | undefined;
  let hasEnded = false;
  // Everything in turn: what is stored, what is sent, and a new reader that is still behind.
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  return {
    send: (json) =>
      inTurn(async () => {
        await events.add(place, ++seq, json).catch((error: unknown) => {
          // What is not stored is not sent: the reader would never learn that something is missing.
          reader?.drop();
          throw error;
        });
        await reader?.send(json, eventId(place, seq));
      }),
    end: () =>
      inTurn(async () => {
        hasEnded = true;
        reader?.end();
      }),
    read(stream, from) {
      // A connection that the client has lost may look alive from here, and would be waited for.
      reader?.drop();
      reader = undefined;
      void inTurn(async () => {
        for (const event of await events.read(place, from)) await stream.send(event.json, eventId(place, event.seq));
        if (hasEnded) return stream.end();
        reader = stream;
        stream.onClose(() => {
          if (reader === stream) reader = undefined;
        });
      }).catch(() => stream.drop());
    },
  };
}

/** Which of these requests have their response among the events of a stream. */
export function answered(events: readonly StoredEvent[]): ReadonlySet<RequestId> {
  const ids = new Set<RequestId>();
  for (const { json } of events) {
    const message: unknown = JSON.parse(json);
    if (isRecord(message) && ("result" in message || "error" in message)) ids.add(message["id"] as RequestId);
  }
  return ids;
}
