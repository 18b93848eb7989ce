import type { Cancellation, Principal } from "../call/index.ts";

/** One HTTP request to the MCP endpoint, past the gate, with the ways to answer it. */
export interface Exchange {
  readonly principal: Principal;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Cancelled when the client goes away. */
  readonly cancelled: Cancellation;
  readonly reply: Reply;
}

/** Answers a request once: with a body, or with a stream of server-sent events. */
export interface Reply {
  json(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  /** 202 without a body. */
  accepted(): void;
  /** Starts a `text/event-stream` response. */
  stream(): EventStream;
  /** A response as the Fetch API has it. */
  relay(response: Response): Promise<void>;
}

export interface EventStream {
  /** One event with this JSON text as data. Resolves once the reader has taken it, or has gone. */
  send(json: string): Promise<void>;
  /** How many bytes the reader has not taken yet. */
  backlogBytes(): number;
  end(): void;
}

/** The value of a header that may stand only once. */
export function headerOf(headers: Exchange["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Whether the client takes `text/event-stream` answers; one that does not say so does. */
export function takesStreams(headers: Exchange["headers"]): boolean {
  const accept = headerOf(headers, "accept");
  return accept === undefined || accept.includes("text/event-stream") || accept.includes("*/*");
}
