import type { IncomingMessage } from "node:http";
import { refuse, type Refusal } from "../errors.ts";

/** A request whose body can be had without a stream. */
export interface DirectBody {
  /** Calls with each chunk as it comes, and with null after the last. False, without effect, when some of the body came before. */
  handOver(take: (chunk: Buffer | null) => void): boolean;
}

/** Hands over the whole body, or a refusal as soon as it is larger than allowed. Calls back once; never when the client went away. */
export function readBody(req: IncomingMessage & Partial<DirectBody>, maxBytes: number, done: (body: Buffer | Refusal) => void): void {
  if (Number(req.headers["content-length"]) > maxBytes) {
    req.resume();
    return done(tooLarge(maxBytes));
  }
  const take = collector(maxBytes, done);
  if (req.handOver?.(take) === true) return;
  req.on("data", take);
  req.on("end", () => take(null));
}

function collector(maxBytes: number, done: (body: Buffer | Refusal) => void): (chunk: Buffer | null) => void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  let isDone = false;
  return (chunk) => {
    if (isDone) return;
    if (chunk === null) {
      isDone = true;
      return done(rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest));
    }
    size += chunk.length;
    if (size > maxBytes) {
      isDone = true;
      return done(tooLarge(maxBytes));
    }
    if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  };
}

const EMPTY = Buffer.alloc(0);

function tooLarge(maxBytes: number): Refusal {
  return refuse("body_too_large", { message: `The request body is larger than ${maxBytes} bytes.`, headers: { connection: "close" } });
}
