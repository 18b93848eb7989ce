import type { Response as InjectedResponse } from "light-my-request";
import type { Handler } from "./index.ts";

/**
 * Answers a Fetch API request through the handler, without a socket: for tests and for mounting in other frameworks. The body streams, and
 * whoever aborts the request or cancels the body has gone away, as on a socket. `remoteAddress` is who sent it, which no `Request` says.
 */
export async function injectFetch(handler: Handler, request: Request, remoteAddress = "127.0.0.1"): Promise<Response> {
  const { signal } = request;
  signal.throwIfAborted();
  const url = new URL(request.url);
  const payload = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const answer = await send(handler, request, {
    url: url.pathname + url.search,
    authority: request.headers.get("host") ?? url.host,
    remoteAddress,
    ...(payload === undefined ? {} : { payload }),
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, String(one));
  }
  const isBodiless = answer.statusCode === 204 || answer.statusCode === 304;
  return new Response(isBodiless ? null : bodyOf(answer), { status: answer.statusCode, headers });
}

interface Target {
  readonly url: string;
  readonly authority: string;
  readonly remoteAddress: string;
  readonly payload?: Buffer;
}

async function send(handler: Handler, { method, headers, signal }: Request, target: Target): Promise<InjectedResponse> {
  const { inject } = await import("light-my-request");
  try {
    return await inject(
      (req, res) => {
        const leave = () => void res.destroy();
        signal.addEventListener("abort", leave, { once: true });
        res.once("close", () => signal.removeEventListener("abort", leave));
        handler(req, res);
      },
      { method: method as "POST", ...target, headers: Object.fromEntries(headers), payloadAsStream: true },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Not `Readable.toWeb`, which throws where nobody can catch it when a body is cancelled while a part of it is on its way. */
function bodyOf({ stream, raw }: InjectedResponse): ReadableStream<Uint8Array> {
  const body = stream();
  const parts = body.iterator() as AsyncIterator<Uint8Array>;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      raw.res.destroy();
      body.destroy();
    },
  });
}
