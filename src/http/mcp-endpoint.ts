/** `/mcp`: the gate, then one body to the MCP side. The order of the refusals is part of the contract with clients. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate, type CallPath, type Gate, type Principal } from "../call/index.ts";
import { isRefusal, refuse, WIRE, type Refusal } from "../errors.ts";
import type { Log } from "../lib/log.ts";
import { replyRefusal, type Mcp } from "../mcp/index.ts";
import { readBody } from "./body.ts";
import { createCancellation } from "./cancellation.ts";
import { createReply } from "./reply.ts";

export interface McpEndpointDeps {
  readonly gate: Gate;
  readonly path: CallPath;
  readonly mcp: Mcp;
  readonly log: Log;
  readonly maxBodyBytes: number;
  isStopping(): boolean;
}

export type Endpoint = (req: IncomingMessage, res: ServerResponse, search: string) => void;

export function createMcpEndpoint(deps: McpEndpointDeps): Endpoint {
  return (req, res, search) => {
    // A token first, before any word about method or version: discovery by clients starts from this 401.
    const caller = authenticate(deps.gate, { method: req.method, headers: req.headers, rawHeaders: req.rawHeaders, search });
    if (!(caller instanceof Promise)) return admit(deps, { req, res }, caller);
    caller.then((settled) => admit(deps, { req, res }, settled)).catch((error: unknown) => failed(deps, res, error));
  };
}

interface Pair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

function admit(deps: McpEndpointDeps, pair: Pair, principal: Principal | Refusal): void {
  if (isRefusal(principal)) {
    deps.path.refusals.count(principal.refused, pair.req.socket.remoteAddress ?? "unknown");
    return reject(pair, principal);
  }
  const refusal = inadmissible(deps, pair.req, principal);
  if (refusal !== undefined) {
    deps.path.refusals.count(refusal.refused, principal.caller.clientId);
    return reject(pair, refusal);
  }
  readBody(pair.req, deps.maxBodyBytes, (body) => {
    if (!isRefusal(body)) return serve(deps, pair.res, { principal, headers: pair.req.headers, body });
    deps.path.refusals.count(body.refused, principal.caller.clientId);
    reject(pair, body);
  });
}

/** What can be refused without reading the body. */
function inadmissible(deps: McpEndpointDeps, req: IncomingMessage, principal: Principal): Refusal | undefined {
  if (req.method !== "POST") return refuse("method_not_allowed", { headers: { allow: "POST" } });
  if (deps.isStopping()) return refuse("stopping", { headers: { connection: "close", "retry-after": "1" } });
  const waitSeconds = deps.path.limiter.take(principal.caller.clientId);
  if (waitSeconds > 0) return refuse("rate_limited", { headers: { "retry-after": String(waitSeconds) } });
  const { "content-type": type = "", "content-encoding": encoding, accept } = req.headers;
  if (!/^application\/json\s*(?:;|$)/i.test(type) || (encoding !== undefined && encoding !== "identity"))
    return refuse("unsupported_media_type");
  if (accept !== undefined && !/application\/json|text\/event-stream|\*\/\*|application\/\*/i.test(accept)) return refuse("not_acceptable");
  return undefined;
}

interface Received {
  readonly principal: Principal;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function serve(deps: McpEndpointDeps, res: ServerResponse, { principal, headers, body }: Received): void {
  deps.mcp
    .handle({ principal, headers, body, cancelled: createCancellation(res), reply: createReply(res) })
    .catch((error: unknown) => failed(deps, res, error));
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
