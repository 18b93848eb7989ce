import { inject, type Response as InjectedResponse } from "light-my-request";
import { Readable } from "node:stream";
import type { Handler } from "./index.ts";

/** Answers a Fetch API request through the handler, without a socket: for tests and for mounting in other frameworks. */
export async function injectFetch(handler: Handler, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const payload = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const answer: InjectedResponse = await inject(handler, {
    method: request.method as "POST",
    url: url.pathname + url.search,
    authority: request.headers.get("host") ?? url.host,
    headers: Object.fromEntries(request.headers),
    remoteAddress: "127.0.0.1",
    payloadAsStream: true,
    signal: request.signal,
    ...(payload === undefined ? {} : { payload }),
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, String(one));
  }
  const isBodiless = answer.statusCode === 204 || answer.statusCode === 304;
  const body = isBodiless ? null : (Readable.toWeb(answer.stream()) as ReadableStream<Uint8Array>);
  return new Response(body, { status: answer.statusCode, headers });
}
