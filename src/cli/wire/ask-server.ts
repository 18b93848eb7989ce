import { readEvents } from "../../lib/event-stream/index.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { StreamedResponse } from "../../lib/guarded-fetch.ts";
import type { HeaderParam } from "../../tool/index.ts";
import { version } from "../version.ts";
import type { Send } from "./destination.ts";
import { readText } from "./read-text.ts";
import { modernHeaders, toMessage, type Message } from "./message.ts";
import { lacksHeaders, learnMirrored } from "./mirrored-arguments.ts";

const PROTOCOL = "2026-07-28";

/** A notification that came before the answer. */
export type Notified = (notification: Readonly<Record<string, unknown>>) => void;

export interface Asking {
  readonly send: Send;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly onNotification?: Notified;
}

/** An answer, whole. */
export interface Told {
  readonly status: number;
  /** The JSON-RPC message, or the OAuth error of a refusal; undefined when it was none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** One request of MCP 2026-07-28. Rejects when the server cannot be reached or the stream breaks off. */
export async function askServer(asking: Asking, method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Told> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
    "io.modelcontextprotocol/clientInfo": { name: "remit", version },
    "io.modelcontextprotocol/clientCapabilities": {},
    progressToken: 1,
  };
  const request = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } };
  const message = toMessage(request, JSON.stringify(request));
  const first = await exchange(asking, message, []);
  if (first.body === undefined || !lacksHeaders(message, JSON.stringify(first.body))) return first;
  const mirrored = await learnMirrored(message, async (list) => JSON.stringify((await exchange(asking, list, [])).body ?? {}));
  return exchange(asking, message, mirrored.get(String(params["name"])) ?? []);
}

async function exchange(
  { send, token, signal, onNotification }: Asking,
  message: Message,
  mirrored: readonly HeaderParam[],
): Promise<Told> {
  const headers = {
    ...modernHeaders(message, mirrored),
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
  };
  const response = await send({ method: "POST", headers, body: message.text, signal });
  if (!isStream(response)) return { status: response.status, body: parsed(await readText(response.body)) };
  for await (const { data } of readEvents(response.body)) {
    const value = parsed(data);
    if (value === undefined) continue;
    if (!("method" in value)) return { status: response.status, body: value };
    onNotification?.(value);
  }
  throw new Error("the connection ended before the answer came; what was asked for may have been done");
}

function isStream({ status, headers }: StreamedResponse): boolean {
  return status === 200 && headers.get("content-type")?.startsWith("text/event-stream") === true;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
