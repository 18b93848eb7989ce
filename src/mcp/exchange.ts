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
  /** Starts a `text/event-stream` response. A reader that leaves too much unread, or takes nothing for too long, is dropped. */
  stream(headers?: Readonly<Record<string, string>>): EventStream;
}

/** One server-sent event (WHATWG HTML, server-sent events). No member may hold a line break. */
export interface StreamEvent {
  /** Default `message`; `null` for an event without a name. */
  readonly name?: string | null;
  readonly id?: string | undefined;
  /** After how long a client that lost the stream shall come back. */
  readonly retryMs?: number;
  readonly data: string;
}

/** A stream of events with keep-alive comments. What is sent after its end, or once the reader has gone, is dropped. */
export interface EventStream {
  /** One event `message` with this JSON text as data. Resolves once the reader has taken it, or has gone. */
  send(json: string, id?: string): Promise<void>;
  /** One event of any form; resolves as `send` does. */
  event(event: StreamEvent): Promise<void>;
  /** Ends the stream, with a last message if one is given, as soon as the reader has taken what came before. */
  end(json?: string, id?: string): void;
  /** Cuts the connection; what the reader has not taken is lost. */
  drop(): void;
  /** Calls once, when the stream has ended or the reader has gone, whichever comes first. */
  onClose(listener: () => void): void;
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
