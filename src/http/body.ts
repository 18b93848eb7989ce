import type { IncomingMessage } from "node:http";
import { refuse, type Refusal } from "../errors.ts";

/** Hands over the whole body, or a refusal as soon as it is larger than allowed. Calls back once; never when the client went away. */
export function readBody(req: IncomingMessage, maxBytes: number, done: (body: Buffer | Refusal) => void): void {
  if (Number(req.headers["content-length"]) > maxBytes) {
    req.resume();
    return done(tooLarge(maxBytes));
  }
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  let isDone = false;
  req.on("data", (chunk: Buffer) => {
    if (isDone) return;
    size += chunk.length;
    if (size > maxBytes) {
      isDone = true;
      return done(tooLarge(maxBytes));
    }
    if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  req.on("end", () => {
    if (!isDone) done(rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest));
  });
}

const EMPTY = Buffer.alloc(0);

function tooLarge(maxBytes: number): Refusal {
  return refuse("body_too_large", { message: `The request body is larger than ${maxBytes} bytes.`, headers: { connection: "close" } });
}
