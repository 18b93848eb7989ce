import type { IncomingMessage } from "node:http";
import type { ClientRow } from "../../../store/index.ts";

/** What is sent to the engine in the place of a real request. */
export interface EngineRequest {
  readonly issuer: string;
  /** Path and query. */
  readonly url: string;
  /** A form, for POST; a GET without. */
  readonly form?: URLSearchParams;
  readonly authorization?: string | undefined;
  /** Only the engine's own cookies. */
  readonly cookie?: string | undefined;
  readonly address: string | undefined;
  /** Thumbprint of the key that the request proved to have (RFC 9449). */
  readonly jkt?: string | null;
  readonly explain?: EngineFacts["explain"];
}

/** What is known of a request beside what the engine is told. */
export interface EngineFacts {
  readonly address: string | undefined;
  readonly jkt: string | null;
  /** The client's row, once the engine asked for it. */
  client: ClientRow | undefined;
  /** Why the engine refused it. */
  problem: EngineProblem | undefined;
  /** Told why a person sees a page about it; gives the link under which there is more. */
  readonly explain: ((problem: EngineProblem) => string | undefined) | undefined;
}

export interface EngineProblem {
  readonly error: string;
  readonly description: string;
}

const facts = new WeakMap<IncomingMessage, EngineFacts>();

export function factsOf(req: IncomingMessage): EngineFacts {
  const known = facts.get(req);
  if (known === undefined) throw new Error("This request was not made for the engine.");
  return known;
}

/**
 * A request as the engine gets it: made anew, with host and protocol of the issuer. No other header, cookie or address of the real request
 * reaches the engine, so none can change what it answers.
 */
export function createEngineRequest({
  issuer,
  url,
  form,
  authorization,
  cookie,
  address,
  jkt = null,
  explain,
}: EngineRequest): IncomingMessage {
  const { host, protocol } = new URL(issuer);
  const body = form === undefined ? undefined : Buffer.from(form.toString());
  const headers: Record<string, string> = { host };
  if (body !== undefined) {
    headers["content-type"] = "application/x-www-form-urlencoded";
    headers["content-length"] = String(body.length);
  }
  if (authorization !== undefined) headers["authorization"] = authorization;
  if (cookie !== undefined && cookie !== "") headers["cookie"] = cookie;
  const request = {
    ...readableOnce(body),
    method: body === undefined ? "GET" : "POST",
    url,
    httpVersion: "1.1",
    headers,
    socket: { encrypted: protocol === "https:", remoteAddress: address },
  } as unknown as IncomingMessage;
  facts.set(request, { address, jkt, client: undefined, problem: undefined, explain });
  return request;
}

/** What the engine uses of a readable stream; a whole stream for a body that is there already costs more than all else here. */
function readableOnce(body: Buffer | undefined): { readonly readable: boolean; iterator(): AsyncIterableIterator<Buffer> } {
  return {
    readable: true,
    async *iterator() {
      if (body !== undefined) yield body;
    },
  };
}
