/** A client of the revisions before 2026-07-28 as small as can be, to see every header and event. */
import assert from "node:assert/strict";

export interface SseEvent {
  readonly name: string;
  readonly id: string | undefined;
  readonly retry: string | undefined;
  readonly data: string;
  /** `data` as JSON; undefined when it is empty or none. */
  readonly message: Record<string, unknown> | undefined;
}

export interface EventReader {
  /** The next event; undefined at the end of the stream. */
  next(): Promise<SseEvent | undefined>;
  /** All events until one fits, that one included. */
  until(fits: (event: SseEvent) => boolean): Promise<SseEvent[]>;
  /** Everything up to the end. */
  rest(): Promise<SseEvent[]>;
  /** Goes away. */
  cut(): Promise<void>;
}

export function readEvents(response: Response): EventReader {
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  async function next(): Promise<SseEvent | undefined> {
    for (;;) {
      const end = buffered.indexOf("\n\n");
      if (end >= 0) {
        const block = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        if (!block.startsWith(":")) return parseEvent(block);
        continue;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffered += value;
    }
  }
  async function until(fits: (event: SseEvent) => boolean): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    for (let event = await next(); event !== undefined; event = await next()) {
      events.push(event);
      if (fits(event)) return events;
    }
    return assert.fail(`the stream ended before that event: ${JSON.stringify(events)}`);
  }
  async function rest(): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    for (let event = await next(); event !== undefined; event = await next()) events.push(event);
    return events;
  }
  return { next, until, rest, cut: () => reader.cancel() };
}

function parseEvent(block: string): SseEvent {
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  const data = fields.get("data") ?? "";
  const message = data.startsWith("{") ? (JSON.parse(data) as Record<string, unknown>) : undefined;
  return { name: fields.get("event") ?? "message", id: fields.get("id"), retry: fields.get("retry"), data, message };
}

export interface LegacyClient {
  readonly sessionId: string;
  post(message: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(lastEventId?: string): Promise<Response>;
  end(): Promise<Response>;
}

export interface LegacyOptions {
  readonly capabilities?: object;
  readonly version?: string;
}

/** Calls initialize and keeps the session. */
export async function connectLegacy(
  mcpUrl: string,
  token: string,
  { capabilities = {}, version = "2025-11-25" }: LegacyOptions = {},
): Promise<LegacyClient> {
  const params = { protocolVersion: version, capabilities, clientInfo: { name: "test", version: "1" } };
  const response = await send({ mcpUrl, token, version }, { jsonrpc: "2.0", id: 0, method: "initialize", params });
  assert.equal(response.status, 200, await response.clone().text());
  const sessionId = response.headers.get("mcp-session-id");
  assert.ok(sessionId !== null);
  return legacyClient({ mcpUrl, token, version }, sessionId);
}

interface Place {
  readonly mcpUrl: string;
  readonly token: string;
  readonly version: string;
}

/** A client that knows a session id, rightly or not. */
export function legacyClient(place: Place, sessionId: string): LegacyClient {
  const session = { "mcp-session-id": sessionId };
  const plain = { authorization: `Bearer ${place.token}`, "mcp-protocol-version": place.version, ...session };
  return {
    sessionId,
    post: (message, headers) => send(place, message, { ...session, ...headers }),
    get: (lastEventId) =>
      fetch(place.mcpUrl, {
        headers: { ...plain, accept: "text/event-stream", ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) },
      }),
    end: () => fetch(place.mcpUrl, { method: "DELETE", headers: plain }),
  };
}

function send({ mcpUrl, token, version }: Place, message: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(mcpUrl, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

export function callOf(name: string, args: object, more: { readonly id?: string | number; readonly progressToken?: string | number } = {}) {
  const { id = 1, progressToken } = more;
  return {
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name, arguments: args, _meta: progressToken === undefined ? {} : { progressToken } },
  };
}
