import {
  Server,
  WebStandardStreamableHTTPServerTransport,
  type JSONRPCRequest,
  type Result,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Answer, CallRequest, Sink } from "../../call/index.ts";
import { isRefusal, refuse, WIRE, type Refusal } from "../../errors.ts";
import { createPace, type Pace } from "./pace.ts";
import type { LegacyDeps } from "./index.ts";
import { capabilitiesOf, type Methods } from "./methods.ts";
import type { Incoming, Post } from "./read-post.ts";
import { errorOf, resultOf } from "./result.ts";

/** A POST on its way through the SDK. */
export interface Serving {
  readonly post: Post;
  readonly methods: Methods;
  /** Whether the client takes a stream. */
  readonly takesStreams: boolean;
  toCall(request: Incoming, sink: Sink | undefined): CallRequest;
}

/** What becomes of a POST: a response of the SDK that is still being written, or the refusal of everything in it. */
export type Served = { readonly response: Response; close(): Promise<void> } | Refusal;

const KEEP_ALIVE_MS = 15_000;
/** The form in which every request is shown to the SDK: how the body is encoded and what is accepted was checked before. */
const HEADERS = { accept: "application/json, text/event-stream", "content-type": "application/json" };

/** Serves a POST with a server and a transport of its own, as the SDK wants it where there are no sessions: nothing is shared between POSTs. */
export async function serve(deps: LegacyDeps, serving: Serving): Promise<Served> {
  const { post, takesStreams } = serving;
  const turn = createTurn(post);
  const server = new Server(deps.identity.serverInfo, { capabilities: capabilitiesOf(deps) });
  // What the SDK would answer by itself goes through the data path like the rest, so that it is on record.
  for (const method of ["initialize", "ping", "logging/setLevel"]) server.removeRequestHandler(method);
  await markUnknown(deps, serving, turn);
  const isStreaming = takesStreams && (post.isBatch || post.requests.some(({ method }) => method === "tools/call"));
  const pace = isStreaming ? createPace() : undefined;
  server.fallbackRequestHandler = (message, context) => answer(message, context, { deps, serving, server, turn, pace });
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !isStreaming, keepAliveMs: KEEP_ALIVE_MS });
  await server.connect(transport);
  try {
    const messages = post.requests.map(({ message }) => message);
    const request = new Request("http://localhost/mcp", { method: "POST", headers: HEADERS });
    const response = await transport.handleRequest(request, { parsedBody: post.isBatch ? messages : messages[0] });
    // The SDK found something wrong before any request was looked at.
    if (response.status >= 400) return await closing(server, refuse("invalid_request"));
    // Until the first notification or the last answer nothing is sent, so that a refusal can still become the status of the response.
    await turn.ready;
    const refusal = turn.refusalOfAll();
    if (refusal !== undefined) return await closing(server, refusal);
    return { response: privately(response, pace), close: () => server.close().then(turn.rethrow) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The response, taken at the reader's pace, and kept by nobody on the way: what it says depends on the token. */
function privately(response: Response, pace: Pace | undefined): Response {
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store, no-transform");
  // Whether the connection stays open is between the client and the HTTP server.
  headers.delete("connection");
  const body = pace !== undefined && response.body !== null ? pace.wrap(response.body) : response.body;
  return new Response(body, { status: response.status, headers });
}

async function closing(server: Server, refusal: Refusal): Promise<Refusal> {
  await server.close();
  return refusal;
}

/** How far the requests of one POST are. */
interface Turn {
  /** Resolves at the first notification, or when every request is answered. Rejects when one failed on our side. */
  readonly ready: Promise<void>;
  start(): void;
  fail(error: unknown): void;
  /** Throws what failed after the response had begun. */
  rethrow(): void;
  answered(answer: Answer | Refusal): void;
  /** A refusal that is told by the status of the response (403, 503), when all requests came to such a one. */
  refusalOfAll(): Refusal | undefined;
}

function createTurn(post: Post): Turn {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const answers: (Answer | Refusal)[] = [];
  const failures: unknown[] = [];
  // It may reject while the SDK is still being waited for; that is no unheard rejection.
  ready.catch(() => undefined);
  return {
    ready,
    start: resolve,
    fail(error) {
      failures.push(error);
      reject(error);
    },
    rethrow() {
      if (failures.length > 0) throw failures[0];
    },
    answered(answer) {
      answers.push(answer);
      if (answers.length === post.requests.length) resolve();
    },
    refusalOfAll() {
      const refusals = answers.filter(isToldByStatus);
      return refusals.length === post.requests.length ? refusals[0] : undefined;
    },
  };
}

/** Other errors are told in a body with status 200: clients of these revisions read a 404 as the end of a session. */
function isToldByStatus(answer: Answer | Refusal): answer is Refusal {
  if (!isRefusal(answer)) return false;
  const { status } = WIRE[answer.refused];
  return status === 403 || status === 503;
}

/** Puts methods that do not exist on record first, because the SDK answers some of them without asking. */
async function markUnknown(deps: LegacyDeps, { post, methods, toCall }: Serving, turn: Turn): Promise<void> {
  for (const request of post.requests) {
    if (methods.find(request.method) !== undefined) continue;
    turn.answered(await deps.path.observe(toCall(request, undefined), refuse("method_not_found")));
  }
}

interface Answering {
  readonly deps: LegacyDeps;
  readonly serving: Serving;
  readonly server: Server;
  readonly turn: Turn;
  readonly pace: Pace | undefined;
}

async function answer(message: JSONRPCRequest, context: ServerContext, { deps, serving, server, turn, pace }: Answering): Promise<Result> {
  const request = serving.post.requests.find(({ id }) => id === message.id);
  const method = serving.methods.find(message.method);
  if (request === undefined || method === undefined) throw errorOf(refuse("method_not_found"));
  const sink = pace === undefined ? undefined : createSink(context, turn, pace);
  const given = await method(serving.toCall(request, sink)).catch((error: unknown) => {
    turn.fail(error);
    return refuse("fault");
  });
  turn.answered(given);
  return resultOf(server, deps.registry, { request, answer: given });
}

function createSink(context: ServerContext, turn: Turn, pace: Pace): Sink {
  return {
    async send(json) {
      const { method, params } = JSON.parse(json) as Parameters<ServerContext["mcpReq"]["notify"]>[0];
      turn.start();
      // A client of these revisions that goes away has not cancelled: the call goes on, unheard.
      await context.mcpReq.notify({ method, params }).catch(() => undefined);
      await pace.next();
    },
  };
}
