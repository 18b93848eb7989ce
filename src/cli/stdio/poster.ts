import { setTimeout as sleep } from "node:timers/promises";
import { readEvents } from "../../lib/event-stream/index.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { StreamedResponse } from "../../lib/guarded-fetch.ts";
import type { HeaderParam } from "../../tool/index.ts";
import type { BridgeDeps } from "./bridge.ts";
import { lacksHeaders, learnMirrored, modernHeaders, readText, type Id, type Message } from "../wire/index.ts";
import { BROKEN_OFF, errorLine, isForPerson, problemOf, type Problem } from "./told.ts";

/** Sends messages to the endpoint and writes what comes back, each as a line. */
export interface Poster {
  /** Sends a request and writes everything up to its answer. Rejects when the server cannot be reached, or at the signal. */
  ask(message: Message, id: Id, signal: AbortSignal): Promise<void>;
  /** Sends what is no request of its own: a notification, an answer of the client, a batch with these ids. */
  tell(message: Message, ids?: readonly Id[]): Promise<void>;
  endStreams(): void;
  /** Ends the session of a client older than 2026-07-28. */
  endSession(): Promise<void>;
}

/** What `initialize` agreed on (MCP 2025-11-25 transports, session management). */
interface Session {
  readonly id: string | undefined;
  readonly protocol: string;
}

interface State {
  readonly deps: BridgeDeps;
  session: Session | undefined;
  /** The arguments that tools mirror into headers, by tool, as far as that had to be asked for. */
  mirrored: ReadonlyMap<string, readonly HeaderParam[]>;
  /** Ends the streams that no request waits for. */
  readonly streams: AbortController;
}

interface Asking {
  readonly message: Message;
  readonly id: Id;
  readonly signal: AbortSignal;
}

const BACK_AFTER_MS = 1000;
const FAREWELL_MS = 2000;

export function createPoster(deps: BridgeDeps): Poster {
  const state: State = { deps, session: undefined, mirrored: new Map(), streams: new AbortController() };
  return {
    ask: (message, id, signal) => ask(state, { message, id, signal }),
    tell: (message, ids = []) => tell(state, message, ids),
    endStreams: () => state.streams.abort(),
    async endSession() {
      if (state.session?.id === undefined) return;
      const request = { method: "DELETE", headers: legacyHeaders(state), signal: AbortSignal.timeout(FAREWELL_MS) };
      await deps.send(request).then(
        ({ body }) => readText(body),
        () => undefined,
      );
    },
  };
}

async function ask(state: State, asking: Asking): Promise<void> {
  const { message, signal } = asking;
  const response = await post(state, message, signal);
  if (isStream(response)) return follow(state, asking, response);
  const text = await readText(response.body);
  if (!lacksHeaders(message, text)) return answer(state, asking, { response, text });
  state.mirrored = await learnMirrored(message, async (list) => readText((await post(state, list, signal)).body));
  const second = await post(state, message, signal);
  if (isStream(second)) return follow(state, asking, second);
  return answer(state, asking, { response: second, text: await readText(second.body) });
}

function post(state: State, message: Message, signal: AbortSignal): Promise<StreamedResponse> {
  const mirrored = state.mirrored.get(String(message.params["name"])) ?? [];
  const own =
    message.version === undefined ? legacyHeaders(state, message.method) : { ...baseHeaders(state), ...modernHeaders(message, mirrored) };
  return state.deps.send({ method: "POST", headers: { ...own, "content-type": "application/json" }, body: message.text, signal });
}

function baseHeaders({ deps }: State): Record<string, string> {
  return { authorization: `Bearer ${deps.token}`, accept: "application/json, text/event-stream" };
}

function legacyHeaders(state: State, method?: string): Record<string, string> {
  const { session } = state;
  if (session === undefined || method === "initialize") return baseHeaders(state);
  const inSession = session.id === undefined ? {} : { "mcp-session-id": session.id };
  return { ...baseHeaders(state), "mcp-protocol-version": session.protocol, ...inSession };
}

function isStream({ status, headers }: StreamedResponse): boolean {
  return status === 200 && headers.get("content-type")?.startsWith("text/event-stream") === true;
}

interface Received {
  readonly response: StreamedResponse;
  readonly text: string;
}

async function answer(state: State, { message, id }: Asking, { response, text }: Received): Promise<void> {
  const value = response.status === 200 ? parse(text) : undefined;
  if (value === undefined) return report(state, problemOf(response.status, text), [id]);
  agree(state, message, { response, value });
  await state.deps.write(oneLine(text));
}

/** Writes the error, and shows the person what only they can mend. */
async function report({ deps }: State, problem: Problem, ids: readonly Id[]): Promise<void> {
  if (isForPerson(problem) || ids.length === 0) deps.warn(problem.message);
  for (const id of ids) await deps.write(errorLine(problem, id));
}

/** Keeps what the answer to `initialize` says. */
function agree(
  state: State,
  { method, version }: Message,
  { response, value }: { readonly response: StreamedResponse; readonly value: unknown },
): void {
  if (method !== "initialize" || version !== undefined || !isRecord(value) || !isRecord(value["result"])) return;
  const protocol = value["result"]["protocolVersion"];
  if (typeof protocol !== "string") return;
  state.session = { id: response.headers.get("mcp-session-id") ?? undefined, protocol };
}

/**
 * Writes the events of a stream up to the answer. A server may end the stream of a running call of an older client, who then comes back for
 * the rest (MCP 2025-11-25 transports, resumability).
 */
async function follow(state: State, asking: Asking, first: StreamedResponse): Promise<void> {
  const { message, id, signal } = asking;
  let response = first;
  let lastId: string | undefined;
  let waitMs = BACK_AFTER_MS;
  for (;;) {
    try {
      for await (const event of readEvents(response.body)) {
        lastId = event.id;
        waitMs = event.retryMs ?? waitMs;
        const value = event.data === "" ? undefined : parse(event.data);
        if (value === undefined) continue;
        agree(state, message, { response, value });
        await state.deps.write(oneLine(event.data));
        if (isRecord(value) && value["id"] === id && !("method" in value)) return;
      }
    } catch (error) {
      if (signal.aborted) throw error;
    }
    if (message.version !== undefined || lastId === undefined) return report(state, BROKEN_OFF, [id]);
    await sleep(waitMs, undefined, { signal });
    response = await get(state, signal, lastId);
    if (!isStream(response)) return report(state, problemOf(response.status, await readText(response.body)), [id]);
  }
}

function get(state: State, signal: AbortSignal, lastId: string | undefined): Promise<StreamedResponse> {
  const from = lastId === undefined ? {} : { "last-event-id": lastId };
  return state.deps.send({ method: "GET", headers: { ...legacyHeaders(state), accept: "text/event-stream", ...from }, signal });
}

async function tell(state: State, message: Message, ids: readonly Id[]): Promise<void> {
  const { signal } = state.streams;
  const response = await post(state, message, ids.length > 0 ? signal : NEVER);
  if (isStream(response)) {
    for await (const { data } of readEvents(response.body)) if (data !== "") await state.deps.write(oneLine(data));
    return;
  }
  const text = await readText(response.body);
  if (response.status >= 400) return report(state, problemOf(response.status, text), ids);
  if (text !== "" && ids.length > 0) await state.deps.write(oneLine(text));
  if (message.method === "notifications/initialized" && message.version === undefined && state.session?.id !== undefined)
    void listen(state, signal).catch(() => undefined);
}

const NEVER = new AbortController().signal;

/** What the server says of itself in a session. Comes back whenever the stream ends, as long as the session lasts. */
async function listen(state: State, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  let waitMs = BACK_AFTER_MS;
  for (;;) {
    const response = await get(state, signal, lastId).catch(() => undefined);
    if (response !== undefined && !isStream(response) && response.status < 500 && response.status !== 429) return;
    try {
      for await (const event of response === undefined || !isStream(response) ? [] : readEvents(response.body)) {
        lastId = event.id;
        waitMs = event.retryMs ?? waitMs;
        if (event.data !== "") await state.deps.write(oneLine(event.data));
      }
    } catch {
      // Broken off: what was missed comes with the next.
    }
    await sleep(waitMs, undefined, { signal });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message may hold line breaks between its tokens; a line may not. */
function oneLine(json: string): string {
  return /[\r\n]/.test(json) ? JSON.stringify(JSON.parse(json)) : json;
}
