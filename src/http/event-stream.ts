import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import { MAX_UNREAD_BYTES } from "../call/index.ts";
import type { EventStream, StreamEvent } from "../mcp/index.ts";

const KEEP_ALIVE_MS = 15_000;
/** A reader that takes nothing for this long, while something is waiting for it, is dropped. */
const STALL_MS = 30_000;

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
  Vary: "Authorization, Origin",
};

/** Starts a response of server-sent events. What its reader may cost is bounded here, for every stream of this server. */
export function createEventStream(
  res: ServerResponse,
  headers?: Readonly<Record<string, string>>,
  { stallMs = STALL_MS, keepAliveMs = KEEP_ALIVE_MS } = {},
): EventStream {
  res.writeHead(200, headers === undefined ? HEADERS : { ...HEADERS, ...headers });
  dropWhenStalled(res, stallMs);
  const writer = createWriter(res);
  const timer = setInterval(() => {
    if (writer.behind() === undefined && isOpen(res)) res.write(": keep-alive\n\n");
  }, keepAliveMs).unref();
  res.once("close", () => clearInterval(timer));

  function finish(last: string): void {
    clearInterval(timer);
    writer.end(last);
  }

  return {
    send: (json, id) => writer.send(textOf({ data: json, id })),
    event: (event) => writer.send(textOf(event)),
    end(json, id) {
      const last = json === undefined ? "" : textOf({ data: json, id });
      const behind = writer.behind();
      if (behind === undefined) finish(last);
      else void behind.then(() => finish(last));
    },
    drop: () => void res.destroy(),
    onClose: (listener) => void (res.destroyed ? listener() : res.once("close", listener)),
  };
}

interface Writer {
  /** Resolves once the reader has taken it, or has gone. */
  send(text: string): Promise<void>;
  /** Resolves when a reader that is behind has caught up; undefined when it is not behind. */
  behind(): Promise<void> | undefined;
  /** Ends the response with what is left. */
  end(last: string): void;
}

/** What one turn of the loop sends goes out together, and the headers with it, or by themselves when there is nothing yet. */
function createWriter(res: ServerResponse): Writer {
  let hasWritten = false;
  let gathered = "";
  let willFlush = true;
  process.nextTick(flush);
  // While the reader is behind: what has been written since, and when it has caught up.
  let unreadBytes = 0;
  let caughtUp: Promise<void> | undefined;

  function flush(): void {
    willFlush = false;
    const text = gathered;
    gathered = "";
    if (!isOpen(res)) return;
    if (text !== "") void write(text);
    else if (!hasWritten) res.flushHeaders();
  }

  function write(text: string): Promise<void> {
    if (!isOpen(res)) return TAKEN;
    const bytes = Buffer.byteLength(text);
    if (caughtUp !== undefined && unreadBytes + bytes > MAX_UNREAD_BYTES && isFull(res, bytes)) {
      res.destroy();
      return TAKEN;
    }
    hasWritten = true;
    if (res.write(text) && caughtUp === undefined) return TAKEN;
    unreadBytes += bytes;
    return (caughtUp ??= drained(res).then(() => {
      unreadBytes = 0;
      caughtUp = undefined;
    }));
  }

  return {
    send(text) {
      // A reader that is behind is counted event by event.
      if (caughtUp === undefined && gathered.length + text.length <= GATHERED_CHARS) {
        gathered += text;
        if (!willFlush) process.nextTick(flush);
        willFlush = true;
        return TAKEN;
      }
      const all = gathered + text;
      gathered = "";
      return write(all);
    },
    behind: () => caughtUp,
    end(last) {
      if (isOpen(res)) res.end(gathered + last);
      gathered = "";
    },
  };
}

const TAKEN = Promise.resolve();
/** What waits for the end of a turn; a tool that sends more waits for its reader within the turn. */
const GATHERED_CHARS = 16 * 1024;

function textOf({ name = "message", id, retryMs, data }: StreamEvent): string {
  const front = `${name === null ? "" : `event: ${name}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return `${front}${retryMs === undefined ? "" : `retry: ${retryMs}\n`}data: ${data}\n\n`;
}

function isOpen(res: ServerResponse): boolean {
  return !res.destroyed && !res.writableEnded;
}

/**
 * Whether there is no room for so many bytes more. Node hands what one turn of the loop wrote to the system at its end; here it is
 * handed over first, so that a reader who keeps up is not dropped for what a tool sends in one go.
 */
function isFull(res: ServerResponse, bytes: number): boolean {
  res.socket?.uncork();
  return res.writableLength + bytes > MAX_UNREAD_BYTES || !(res.socket instanceof Socket);
}

/** Cuts the connection when its reader takes nothing for so long although something is waiting for it. */
export function dropWhenStalled(res: ServerResponse, stallMs: number = STALL_MS): void {
  // Each write that gets through to the system, and each part of it that the reader takes, starts the time anew: keep-alive comments do
  // so for a reader that keeps up. Nobody listens to the timeout, so the server destroys the socket.
  const arm = () => void (res.socket instanceof Socket && res.socket.setTimeout(stallMs));
  if (res.socket === null) res.once("socket", arm);
  else arm();
}

/** Resolves when the reader has caught up, or has gone. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off("drain", done).off("close", done);
      resolve();
    };
    res.on("drain", done).on("close", done);
  });
}
