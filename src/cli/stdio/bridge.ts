/** MCP over lines of text, carried over the Streamable HTTP of a server: each line becomes a POST, each answer a line. */
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "../../lib/is-record.ts";
import type { Line } from "./lines.ts";
import { toMessage, type Id, type Message, type Send } from "../wire/index.ts";
import { createPoster, type Poster } from "./poster.ts";
import { errorLine, IN_USE, NO_TOKEN, NOT_A_MESSAGE, NOT_JSON, tooLong, TOO_MANY, unreachable, type Problem } from "./told.ts";

export interface BridgeDeps {
  readonly send: Send;
  readonly token: string | undefined;
  readonly maxLineBytes: number;
  /** Resolves once the reader has room for more. */
  write(line: string): Promise<void>;
  /** For the person at the terminal; the same text is shown once. */
  warn(text: string): void;
}

export interface Bridge {
  /** Takes a line. Resolves when the next one may come, which is before this one is answered. */
  take(line: Line): Promise<void>;
  /** Lets calls under way end for at most this long, then ends them, the streams and the session. */
  close(drainMs: number): Promise<void>;
}

/** A request that has no answer yet. */
interface UnderWay {
  readonly message: Message;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

const MAX_UNDER_WAY = 1000;

interface Parts {
  readonly deps: BridgeDeps;
  readonly poster: Poster;
  readonly underWay: Map<string, UnderWay>;
  readonly notifying: Set<Promise<void>>;
}

export function createBridge(deps: BridgeDeps): Bridge {
  const parts: Parts = { deps, poster: createPoster(deps), underWay: new Map(), notifying: new Set() };
  return {
    take: (line) => take(parts, line),
    close: (drainMs) => close(parts, drainMs),
  };
}

async function take(parts: Parts, line: Line): Promise<void> {
  const { deps } = parts;
  if ("problem" in line) return deps.write(errorLine(line.problem === "too_long" ? tooLong(deps.maxLineBytes) : NOT_JSON));
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return deps.write(errorLine(NOT_JSON));
  }
  // Only clients of 2025-03-26 send batches; the server says so to all others.
  if (Array.isArray(value)) return tell(parts, toMessage({}, line.text), idsOf(value));
  if (!isRecord(value) || value["jsonrpc"] !== "2.0") return deps.write(errorLine(NOT_A_MESSAGE));
  const message = toMessage(value, line.text);
  if (message.method !== undefined && message.id !== undefined) return request(parts, message, message.id);
  return tell(parts, message);
}

function idsOf(batch: readonly unknown[]): readonly Id[] {
  return batch.flatMap((each) => {
    const id = isRecord(each) && "method" in each ? toMessage(each, "").id : undefined;
    return id === undefined ? [] : [id];
  });
}

function keyOf(id: unknown): string {
  return `${typeof id} ${String(id)}`;
}

/** A request. `initialize` is waited for, because what comes after it belongs to its session. */
async function request(parts: Parts, message: Message, id: Id): Promise<void> {
  const { deps, underWay, poster } = parts;
  const key = keyOf(id);
  const refused = refusalOf(parts, key);
  if (refused !== undefined) {
    if (refused === NO_TOKEN) deps.warn(refused.message);
    return deps.write(errorLine(refused, id));
  }
  const controller = new AbortController();
  const done = poster.ask(message, id, controller.signal).catch((error: unknown) => failed(parts, error, { id, controller }));
  underWay.set(key, { message, controller, done });
  void done.finally(() => underWay.delete(key));
  if (message.method === "initialize") await done;
}

function refusalOf({ deps, underWay }: Parts, key: string): Problem | undefined {
  if (deps.token === undefined) return NO_TOKEN;
  if (underWay.has(key)) return IN_USE;
  return underWay.size >= MAX_UNDER_WAY ? TOO_MANY : undefined;
}

/** Whoever cancelled a request waits for nothing more. */
async function failed(
  { deps }: Parts,
  error: unknown,
  { id, controller }: { readonly id: Id; readonly controller: AbortController },
): Promise<void> {
  if (controller.signal.aborted) return;
  const problem = unreachable(error);
  deps.warn(problem.message);
  await deps.write(errorLine(problem, id));
}

/** What is no request of its own. */
async function tell(parts: Parts, message: Message, ids: readonly Id[] = []): Promise<void> {
  const { deps, poster, notifying } = parts;
  if (deps.token === undefined) {
    for (const id of ids) await deps.write(errorLine(NO_TOKEN, id));
    return;
  }
  const cancelled = message.method === "notifications/cancelled" ? parts.underWay.get(keyOf(message.params["requestId"])) : undefined;
  // To leave is to cancel, for a request of 2026-07-28; older ones are cancelled by the message itself, in their session.
  if (cancelled?.message.version !== undefined) return cancelled.controller.abort();
  const told = poster
    .tell(message, ids)
    .catch((error: unknown) => deps.warn(unreachable(error).message))
    .finally(() => {
      cancelled?.controller.abort();
      notifying.delete(told);
    });
  notifying.add(told);
}

async function close({ poster, underWay, notifying }: Parts, drainMs: number): Promise<void> {
  poster.endStreams();
  for (const { message, controller } of underWay.values()) if (message.method === "subscriptions/listen") controller.abort();
  const drained = new AbortController();
  const ended = Promise.all([...underWay.values()].map(({ done }) => done).concat([...notifying]));
  await Promise.race([ended, sleep(drainMs, undefined, { signal: drained.signal }).catch(() => undefined)]);
  drained.abort();
  for (const { controller } of underWay.values()) controller.abort();
  await poster.endSession();
  await Promise.all([...underWay.values()].map(({ done }) => done));
}
