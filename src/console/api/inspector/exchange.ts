import { readEvents } from "../../../lib/event-stream/index.ts";
import type { CallLine } from "../../contract.ts";
import type { Message } from "./speak.ts";

export interface Wire {
  readonly mcpUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly send: (request: Request) => Promise<Response>;
}

export interface Answered {
  readonly status: number;
  /** Of the older protocol, as its server named it. */
  readonly session: string | null;
}

/** The token itself leaves the server never; all else is shown as it is sent. */
const BLACKENED = "Bearer ••••••••";

/** Sends one message and tells what goes over the wire as it goes. Returns the head of the answer. */
export async function* exchange(wire: Wire, message: Message, startedMs: number): AsyncGenerator<CallLine, Answered> {
  const { mcpUrl: url, token, signal, send } = wire;
  const { method, headers, body } = message;
  yield { type: "request", method, url, headers: { ...headers, authorization: BLACKENED }, body };
  const sent = { ...headers, authorization: `Bearer ${token}` };
  const response = await send(new Request(url, { method, headers: sent, signal, ...(body === "" ? {} : { body }) }));
  yield { type: "response", status: response.status, headers: Object.fromEntries(response.headers) };
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  for await (const { data: text } of isStream && response.body !== null ? readEvents(response.body) : wholeOf(response)) {
    if (text !== "") yield { type: "event", atMs: performance.now() - startedMs, message: parsedOf(text) };
  }
  return { status: response.status, session: response.headers.get("mcp-session-id") };
}

async function* wholeOf(response: Response): AsyncGenerator<{ readonly data: string }> {
  yield { data: await response.text() };
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
