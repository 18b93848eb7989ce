/** Paths of the MCP side: the gate, then one body to it. The order of the refusals is part of the contract with clients. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate, narrow, type CallPath, type Gate, type Principal } from "../call/index.ts";
import type { Handshakes } from "../audit/index.ts";
import type { WelcomePage } from "../console/index.ts";
import { isRefusal, refuse, WIRE, type Refusal } from "../errors.ts";
import type { Log } from "../lib/log.ts";
import { replyRefusal, type Exchange, type Mcp } from "../mcp/index.ts";
import { readBody } from "./body.ts";
import { createCancellation } from "./cancellation.ts";
import { tellAdmitted, tellRefused } from "./handshakes.ts";
import { createReply } from "./reply.ts";
import { addressOf } from "../lib/client-address/index.ts";

export interface McpEndpointDeps {
  /** The public origin. */
  readonly url: string;
  readonly gate: Gate;
  readonly path: CallPath;
  readonly mcp: Mcp;
  readonly log: Log;
  readonly maxBodyBytes: number;
  /** Told of the steps by which clients connect. */
  readonly handshakes: Handshakes | undefined;
  /** For people who open the address in a browser. */
  readonly welcome: WelcomePage;
  /** Whether HTTP+SSE is served. */
  readonly hasSse: boolean;
  isStopping(): boolean;
}

export type Endpoint = (req: IncomingMessage, res: ServerResponse, search: string) => void;

/** What a path does for each method it has. */
export type Doors = { readonly [M in "GET" | "POST" | "DELETE"]?: (mcp: Mcp, exchange: Exchange, search: string) => Promise<void> };

export const MCP_DOORS: Doors = {
  POST: (mcp, exchange) => mcp.handle(exchange),
  GET: (mcp, exchange) => mcp.get(exchange),
  DELETE: (mcp, exchange) => mcp.delete(exchange),
};
export const SSE_DOORS: Doors = { GET: (mcp, exchange) => mcp.sse.open(exchange) };
export const MESSAGES_DOORS: Doors = {
  POST: (mcp, exchange, search) => mcp.sse.post(exchange, new URLSearchParams(search).get("sessionId") ?? ""),
};

export interface Place {
  readonly path: string;
  readonly doors: Doors;
  /** Parameters of the query that the path has for itself; all others narrow what the caller may do, or are refused. */
  readonly own?: readonly string[];
}

export function createMcpEndpoint(deps: McpEndpointDeps, { path, doors, own = [] }: Place): Endpoint {
  const url = `${deps.url}${path}`;
  return (req, res, search) => {
    const pair: Pair = { req, res, doors, search, own };
    // A token first, before any word about method or version: discovery by clients starts from this 401.
    const { method, headers, rawHeaders, socket: connection } = req;
    const caller = authenticate(deps.gate, { method, url, headers, rawHeaders, search, connection });
    if (!(caller instanceof Promise)) return admit(deps, pair, caller);
    caller
      .then((settled) => {
        // Only tokens that were not seen before come this way.
        if (!isRefusal(settled)) tellAdmitted(deps, req, settled.caller.clientId);
        admit(deps, pair, settled);
      })
      .catch((error: unknown) => failed(deps, res, error));
  };
}

interface Pair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly doors: Doors;
  readonly search: string;
  readonly own: readonly string[];
}

function admit(deps: McpEndpointDeps, pair: Pair, caller: Principal | Refusal): void {
  const principal = isRefusal(caller) ? caller : narrow(caller, pair.search, pair.own);
  if (isRefusal(principal)) {
    const who = isRefusal(caller) ? addressOf(pair.req) : caller.caller.clientId;
    deps.path.refusals.count(principal.refused, who ?? "unknown");
    if (principal.refused === "missing_token" && isBrowser(pair.req)) return welcome(deps, pair, principal);
    if (isRefusal(caller)) tellRefused(deps, pair.req, caller);
    return reject(pair, principal);
  }
  const door = pair.doors[pair.req.method as keyof Doors];
  const refusal = inadmissible(deps, pair, principal);
  if (refusal !== undefined || door === undefined) {
    const given = refusal ?? refuse("method_not_allowed");
    deps.path.refusals.count(given.refused, principal.caller.clientId);
    return reject(pair, given);
  }
  readBody(pair.req, deps.maxBodyBytes, (body) => {
    if (!isRefusal(body)) return serve(deps, pair, { door, principal, body });
    deps.path.refusals.count(body.refused, principal.caller.clientId);
    reject(pair, body);
  });
}

/** A person who opens the address: no client of the protocol asks for a page first. */
function isBrowser({ method, headers }: IncomingMessage): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (!/^\s*text\/html\b/i.test(headers.accept ?? "") || /event-stream/i.test(headers.accept ?? "")) return false;
  return !Object.keys(headers).some((name) => name.startsWith("mcp-") || name === "last-event-id");
}

/** The same refusal, told to a person: a program that comes this way finds the challenge in its place. */
function welcome({ welcome: { html, headers } }: McpEndpointDeps, { req, res }: Pair, refusal: Refusal): void {
  const always = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", Vary: "Accept, Authorization" };
  res.writeHead(WIRE[refusal.refused].status, { ...refusal.headers, ...headers, ...always, "Content-Length": Buffer.byteLength(html) });
  res.end(req.method === "HEAD" ? undefined : html);
}

/** What can be refused without reading the body. */
function inadmissible(deps: McpEndpointDeps, { req, doors }: Pair, principal: Principal): Refusal | undefined {
  if (doors[req.method as keyof Doors] === undefined)
    return refuse("method_not_allowed", { headers: { allow: Object.keys(doors).join(", ") } });
  if (deps.isStopping()) return refuse("stopping", { headers: { connection: "close", "retry-after": "1" } });
  const waitSeconds = deps.path.pace(principal);
  if (waitSeconds > 0) return refuse("rate_limited", { headers: { "retry-after": String(waitSeconds) } });
  const { "content-type": type = "", "content-encoding": encoding, accept } = req.headers;
  if (req.method === "GET" && accept !== undefined && !/text\/event-stream|\*\/\*|text\/\*/i.test(accept)) return refuse("not_acceptable");
  if (req.method !== "POST") return undefined;
  if (!/^application\/json\s*(?:;|$)/i.test(type) || (encoding !== undefined && encoding !== "identity"))
    return refuse("unsupported_media_type");
  if (accept !== undefined && !/application\/json|text\/event-stream|\*\/\*|application\/\*/i.test(accept)) return refuse("not_acceptable");
  return undefined;
}

interface Received {
  readonly door: NonNullable<Doors[keyof Doors]>;
  readonly principal: Principal;
  readonly body: Buffer;
}

function serve(deps: McpEndpointDeps, { req, res, search }: Pair, { door, principal, body }: Received): void {
  const exchange = { principal, headers: req.headers, body, cancelled: createCancellation(res), reply: createReply(res) };
  try {
    door(deps.mcp, exchange, search).catch((error: unknown) => failed(deps, res, error));
  } catch (error) {
    failed(deps, res, error);
  }
}

function reject({ req, res }: Pair, refusal: Refusal): void {
  replyRefusal({ reply: createReply(res) }, refusal);
  // What is still to come of the body is dropped, so that the connection stays usable.
  req.resume();
}

function failed(deps: McpEndpointDeps, res: ServerResponse, error: unknown): void {
  deps.log.error({ err: error }, "a request failed on our side");
  if (res.headersSent) res.destroy();
  else
    createReply(res).json(WIRE.fault.status, JSON.stringify({ jsonrpc: "2.0", error: { code: WIRE.fault.rpc, message: WIRE.fault.text } }));
}
