/** How the console answers: JSON, lines of it as they come, downloads, and what went wrong. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { TextAnswer, type ConsoleProblem } from "./endpoint.ts";
import { API_HEADERS } from "./security-headers.ts";

/** A reader that takes nothing for so long is let go. */
const STALL_MS = 30_000;
/** A quiet stream says so often that it is still there; readers skip empty lines. */
const KEEP_ALIVE_MS = 15_000;

export function answerJson(res: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value ?? null));
  res.writeHead(status, { ...API_HEADERS, "Content-Type": "application/json", "Content-Length": body.length });
  res.end(res.req.method === "HEAD" ? undefined : body);
}

export function answerProblem(res: ServerResponse, { status, code, message, next }: ConsoleProblem): void {
  answerJson(res, status, { error: { code, message, ...(next === undefined ? {} : { next }) } });
}

/** What an endpoint gave; resolves when it is sent, or its reader is gone. */
export async function answerValue(res: ServerResponse, value: unknown, signal: AbortSignal): Promise<void> {
  if (value instanceof TextAnswer) return answerText(res, value, signal);
  if (!isIterable(value)) return answerJson(res, 200, value);
  res.writeHead(200, { ...API_HEADERS, "Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no" });
  if (res.req.method === "HEAD") return void res.end();
  // The page shows that it is live before anything happens.
  res.flushHeaders();
  const timer = setInterval(() => void (res.writableLength === 0 && res.write("\n")), KEEP_ALIVE_MS).unref();
  try {
    await pump(res, linesOf(value), signal);
  } finally {
    clearInterval(timer);
  }
}

async function answerText(res: ServerResponse, { contentType, fileName, chunks }: TextAnswer, signal: AbortSignal): Promise<void> {
  const disposition = `attachment; filename="${fileName.replaceAll(/[^\w.-]/g, "-")}"`;
  res.writeHead(200, { ...API_HEADERS, "Content-Type": contentType, "Content-Disposition": disposition });
  if (res.req.method === "HEAD") return void res.end();
  await pump(res, chunks, signal);
}

async function* linesOf(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

/** Asks for the next part only when the reader has taken the last. */
async function pump(res: ServerResponse, parts: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  for await (const part of parts) {
    // Cut off, so that nobody takes it for the whole.
    if (signal.aborted || res.destroyed) return void res.destroy();
    if (!res.write(part) && !(await hasDrained(res, signal))) return void res.destroy();
  }
  res.end();
}

async function hasDrained(res: ServerResponse, signal: AbortSignal): Promise<boolean> {
  try {
    await once(res, "drain", { signal: AbortSignal.any([signal, AbortSignal.timeout(STALL_MS)]) });
    return true;
  } catch {
    return false;
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
