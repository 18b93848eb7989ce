/** Requests that change something: that they come from our own pages, and what they say. */
import type { IncomingMessage } from "node:http";
import { ConsoleProblem } from "./endpoint.ts";

const FOREIGN = new ConsoleProblem(403, {
  code: "not_from_here",
  message: "This request did not come from the console's own pages.",
  next: "Reload the page and try again.",
});

/**
 * A problem for a request that another site may have made a browser send: what only our own script can set is missing, or the browser names
 * another origin. Other programs are held to the same.
 */
export function checkChange({ headers }: Pick<IncomingMessage, "headers">, url: string): ConsoleProblem | undefined {
  const { origin, host = "", "sec-fetch-site": site } = headers;
  const isOwn = origin === url || origin === `${new URL(url).protocol}//${host}`;
  const isSameOrigin = site === undefined || site === "same-origin";
  return headers["x-remit-console"] === "1" && isOwn && isSameOrigin ? undefined : FOREIGN;
}

/** A problem for a read that a page of another site made: it could not see the answer, and must not be able to measure it either. */
export function checkRead({ headers }: Pick<IncomingMessage, "headers">): ConsoleProblem | undefined {
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none" ? undefined : FOREIGN;
}

/** The JSON of the body; undefined for an empty one. Throws ConsoleProblem. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (!/^application\/json\s*(?:;|$)/i.test(req.headers["content-type"] ?? ""))
    throw new ConsoleProblem(415, { code: "not_json", message: "Send the body as application/json." });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes)
      throw new ConsoleProblem(413, { code: "body_too_large", message: `The request body is larger than ${maxBytes} bytes.` });
    parts.push(part);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)));
  } catch {
    throw new ConsoleProblem(400, { code: "bad_json", message: "The request body is no JSON." });
  }
}
