/** The edge: every path that is served, in one table. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse, type Refusal } from "../errors.ts";
import type { RefusalCounter } from "../audit/index.ts";
import { replyRefusal } from "../mcp/index.ts";
import { AUTHORIZATION_PATH, JWKS_PATH, TOKEN_PATH, type Issuer } from "../oauth/index.ts";
import { createGuard, replyPreflight, type GuardOptions } from "./guard.ts";
import { createMcpEndpoint, type Endpoint, type McpEndpointDeps } from "./mcp-endpoint.ts";
import { createReply } from "./reply.ts";

export { injectFetch } from "./fetch.ts";
export { createListener, type Listener } from "./listen.ts";

export interface HttpDeps extends McpEndpointDeps, GuardOptions {
  readonly issuer: Pick<Issuer, "metadata" | "jwks" | "handle">;
  /** The document of RFC 9728. */
  readonly resourceMetadata: string;
  readonly refusals: RefusalCounter;
}

export type Handler = (req: IncomingMessage, res: ServerResponse) => void;

interface Route {
  readonly serve: Endpoint;
  readonly methods: string;
  /** Public documents and the token endpoint answer every web origin: they use no cookies, so a foreign page gains nothing. */
  readonly isPublic: boolean;
}

export function createHandler(deps: HttpDeps): Handler {
  const guard = createGuard(deps);
  const routes = createRoutes(deps);
  return (req, res) => {
    const url = req.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const route = routes.get(path);
    const refusal = guard.checkHost(req) ?? (route === undefined ? refuse("not_found") : crossOrigin(route, req, res));
    if (refusal !== undefined || route === undefined) return reject(deps, { req, res }, refusal ?? refuse("not_found"));
    if (req.method === "OPTIONS") return replyPreflight(req, res, route.methods);
    route.serve(req, res, mark < 0 ? "" : url.slice(mark));
  };

  function crossOrigin(route: Route, req: IncomingMessage, res: ServerResponse): Refusal | undefined {
    if (!route.isPublic) return guard.checkOrigin(req, res);
    res.setHeader("Access-Control-Allow-Origin", "*");
    return undefined;
  }
}

function reject(deps: HttpDeps, { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse }, refusal: Refusal): void {
  deps.refusals.count(refusal.refused, req.socket.remoteAddress ?? "unknown");
  replyRefusal({ reply: createReply(res) }, refusal);
  req.resume();
}

function createRoutes(deps: HttpDeps): ReadonlyMap<string, Route> {
  const resource = document(() => deps.resourceMetadata);
  const issuer = document(() => deps.issuer.metadata);
  return new Map<string, Route>([
    ["/mcp", { serve: createMcpEndpoint(deps), methods: "POST", isPublic: false }],
    [TOKEN_PATH, { serve: issuerEndpoint(deps), methods: "POST", isPublic: true }],
    [AUTHORIZATION_PATH, { serve: issuerEndpoint(deps), methods: "GET", isPublic: false }],
    [JWKS_PATH, document(() => deps.issuer.jwks())],
    ["/.well-known/oauth-protected-resource", resource],
    ["/.well-known/oauth-protected-resource/mcp", resource],
    // Clients look for the issuer's document in each of these forms (RFC 8414 §3.1, OpenID Connect Discovery §4).
    ["/.well-known/oauth-authorization-server", issuer],
    ["/.well-known/oauth-authorization-server/mcp", issuer],
    ["/.well-known/openid-configuration", issuer],
    ["/.well-known/openid-configuration/mcp", issuer],
    ["/mcp/.well-known/openid-configuration", issuer],
  ]);
}

const DOCUMENT_SECONDS = 300;

function document(read: () => string): Route {
  return {
    methods: "GET",
    isPublic: true,
    serve(req, res) {
      if (req.method !== "GET" && req.method !== "HEAD") {
        replyRefusal({ reply: createReply(res) }, refuse("method_not_allowed", { message: "Use GET.", headers: { allow: "GET, HEAD" } }));
        req.resume();
        return;
      }
      createReply(res).json(200, read(), { "Cache-Control": `public, max-age=${DOCUMENT_SECONDS}` });
    },
  };
}

function issuerEndpoint(deps: HttpDeps): Endpoint {
  return (req, res) => {
    deps.issuer.handle(req, res).catch((error: unknown) => {
      deps.log.error({ err: error }, "an endpoint of the issuer failed on our side");
      if (res.headersSent) res.destroy();
      else createReply(res).json(500, JSON.stringify({ error: "server_error", error_description: "Something went wrong on our side." }));
    });
  };
}
