import { messagesIn } from "../lib/event-stream/index.ts";
import { FetchRefusedError, type GuardedFetch } from "../lib/guarded-fetch.ts";
import { isRecord } from "../lib/is-record.ts";

export const MODERN = "2026-07-28";
export const LEGACY = "2025-11-25";

/** The server to be examined. */
export interface Target {
  readonly url: URL;
  readonly fetch: GuardedFetch;
  /** Sent with every request to the URL, beside the token. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the examiner may use to be let in. */
  readonly token: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON-RPC response in the body, or in the stream. */
  readonly message: Readonly<Record<string, unknown>> | undefined;
}

/** A message to be sent. Headers given as undefined are left out. */
export interface Sending {
  readonly era: "modern" | "legacy";
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** `own`: the examiner's; a text: that one; left out: none. */
  readonly token?: "own" | { readonly text: string };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** In the `_meta` of the modern era. */
  readonly version?: string;
  readonly isNotification?: boolean;
  /** As an array with this one message in it. */
  readonly isBatch?: boolean;
  /** Added to the URL. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Why a part of the examination ended early. */
export class NoAnswerError extends Error {
  constructor(why: string) {
    super(why);
    this.name = "NoAnswerError";
  }
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const CLIENT = { name: "remit-doctor", version: "1" };

/** The way to the server: requests to the origin that was given, and to no other. */
export interface Wire {
  readonly url: URL;
  readonly hasToken: boolean;
  readonly ownToken: string | undefined;
  send(sending: Sending): Promise<Answer>;
  /** Any other request. `path` may be a URL of the same origin. */
  ask(
    path: string,
    init?: {
      readonly method?: "GET" | "POST" | "OPTIONS" | "DELETE";
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ): Promise<Answer>;
  isOwn(url: string): boolean;
}

export function createWire(target: Target): Wire {
  const { url, token } = target;

  const isOwn = (given: string): boolean => URL.parse(given, url.href)?.origin === url.origin;

  async function ask(path: string, init: Parameters<Wire["ask"]>[1] = {}): Promise<Answer> {
    if (!isOwn(path)) throw new NoAnswerError(`${path} is of another origin, which is not contacted`);
    try {
      const { status, headers, text } = await target.fetch(new URL(path, url), {
        ...init,
        headers: { ...target.headers, ...init.headers },
        maxBodyBytes: MAX_BODY_BYTES,
      });
      if (status === 429) throw new NoAnswerError("the server asks to wait (429)");
      return { status, headers, text, message: responseIn(text, headers.get("content-type") ?? "") };
    } catch (error) {
      if (error instanceof FetchRefusedError) throw new NoAnswerError(`there was no answer (${error.reason})`);
      throw error;
    }
  }

  return {
    url,
    hasToken: token !== undefined,
    ownToken: token,
    isOwn,
    ask,
    send(sending) {
      const { headers = {}, token: kind, query = {} } = sending;
      const to = new URL(url);
      for (const [name, value] of Object.entries(query)) to.searchParams.append(name, value);
      const bearer = kind === "own" ? token : kind?.text;
      const all = {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...standardHeaders(sending),
        ...headers,
      };
      const kept = Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined);
      return ask(to.href, { method: "POST", headers: Object.fromEntries(kept), body: bodyOf(sending) });
    },
  };
}

function standardHeaders({ era, method, params = {} }: Sending): Readonly<Record<string, string>> {
  if (era === "legacy") return method === "initialize" ? {} : { "mcp-protocol-version": LEGACY };
  const name = params["name"];
  return { "mcp-protocol-version": MODERN, "mcp-method": method, ...(typeof name === "string" ? { "mcp-name": name } : {}) };
}

function bodyOf({ era, method, params = {}, version = MODERN, isNotification, isBatch }: Sending): string {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const message = {
    jsonrpc: "2.0",
    ...(isNotification === true ? {} : { id: 1 }),
    method,
    params: era === "modern" ? { ...params, _meta } : params,
  };
  return JSON.stringify(isBatch === true ? [message] : message);
}

/** The parameters with which clients of before 2026-07-28 begin. */
export const INITIALIZE = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT };

function responseIn(text: string, type: string): Answer["message"] {
  const messages = messagesIn(text, type).flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]));
  const responses = messages.filter(isRecord).filter((each) => each["jsonrpc"] === "2.0" && ("result" in each || "error" in each));
  return responses.at(-1);
}

/** The JSON object in the body of a document; undefined when it is none, or the status is not 200. */
export function documentIn({ status, text }: Answer): Readonly<Record<string, unknown>> | undefined {
  if (status !== 200) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function resultOf({ message }: Answer): Readonly<Record<string, unknown>> | undefined {
  const result = message?.["result"];
  return isRecord(result) ? result : undefined;
}

export function errorOf({ message }: Answer): { readonly code: unknown; readonly message: string; readonly data: unknown } | undefined {
  const error = message?.["error"];
  return isRecord(error) ? { code: error["code"], message: String(error["message"]), data: error["data"] } : undefined;
}

/** How an answer is named in a finding. */
export function outcomeOf(answer: Answer): string {
  const error = errorOf(answer);
  if (error !== undefined) return `${answer.status} and the error ${String(error.code)}`;
  return resultOf(answer) === undefined ? String(answer.status) : `${answer.status} and a result`;
}
