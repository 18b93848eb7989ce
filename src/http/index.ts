import type { Metrics } from "../telemetry/index.ts";
/** The edge: every path that is served, in one table. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "../call/index.ts";
import { refuse, type Refusal } from "../errors.ts";
import type { RefusalCounter } from "../audit/index.ts";
import type { Console } from "../console/index.ts";
import { MANIFEST_PATH } from "../manifest/index.ts";
import { MESSAGES_PATH, replyRefusal } from "../mcp/index.ts";
import {
  AUTHORIZATION_PATH,
  DEVICE_AUTHORIZATION_PATH,
  INTROSPECTION_PATH,
  JWKS_PATH,
  PAR_PATH,
  REGISTRATION_PATH,
  REVOCATION_PATH,
  TOKEN_PATH,
  type Issuer,
  type Pages,
} from "../oauth/index.ts";
import type { IconFile } from "../tool/index.ts";
import { createReadyEndpoint, serveAlive, type Readiness } from "./health-endpoints.ts";
import { createGuard, replyPreflight, type GuardOptions } from "./guard.ts";
import { tellDocument, tellNowhere, type Edge } from "./handshakes.ts";
import { createIconEndpoint } from "./icons.ts";
import { createMcpEndpoint, MCP_DOORS, MESSAGES_DOORS, SSE_DOORS, type Endpoint, type McpEndpointDeps } from "./mcp-endpoint.ts";
import { createReply } from "./reply.ts";
import { createAddressReader, addressOf } from "../lib/client-address/index.ts";

export { injectFetch } from "./fetch.ts";
export { createListener, type Listener } from "./listen.ts";

/** The authorization server's side, for people and for clients. */
export interface Authorization {
  readonly issuer: Pick<Issuer, "metadata" | "jwks" | "handle">;
  readonly pages: Pages;
}

export interface HttpDeps extends McpEndpointDeps, GuardOptions {
  /** Told of each answer; nobody is when undefined. */
  readonly metrics?: Pick<Metrics, "answered"> | undefined;
  /** Undefined when another server issues the tokens. */
  readonly authorization: Authorization | undefined;
  /** Pages for people and their API; undefined where nobody signs in here. */
  readonly console: Pick<Console, "handle"> | undefined;
  /** The document of RFC 9728. */
  readonly resourceMetadata: string;
  /** What clients of HTTP+SSE are told instead: the resource under the name that they know it by. */
  readonly sse: { readonly gate: Gate; readonly resourceMetadata: string };
  readonly refusals: Pick<RefusalCounter, "count">;
  /** Whether requests should be sent here. */
  readiness(): Promise<Readiness>;
  /** Addresses and networks of the proxies that say where requests come from. */
  readonly trustedProxies: readonly string[];
  /** What the server offers, signed, and the keys to check it by; undefined when it is not published. */
  readonly manifest: { read(): string; jwks(): string } | undefined;
  /** By path. */
  readonly icons: ReadonlyMap<string, IconFile>;
}

/** With `next`, a request whose path is none of this server's is passed on untouched; without it, it is answered 404. */
export type Handler = (req: IncomingMessage, res: ServerResponse, next?: () => void) => void;

interface Route {
  readonly serve: Endpoint;
  readonly methods: string;
  /**
   * `any`: public documents and endpoints for clients, which use no cookies, so a foreign page gains nothing. `listed`: the origins of the
   * settings. `own`: pages, which check for themselves where a form was sent from, and answer no other origin.
   */
  readonly origins: "any" | "listed" | "own";
  /** Served whatever the Host header says: who looks whether we live knows an address only, and learns nothing. */
  readonly isForAnyHost?: boolean;
}

export type { Readiness } from "./health-endpoints.ts";
export { createMetricsEndpoint } from "./metrics-endpoint.ts";

export function createHandler(deps: HttpDeps): Handler {
  const guard = createGuard(deps);
  const routes = createRoutes(deps);
  const readAddress = createAddressReader(deps.trustedProxies);
  return (req, res, next) => {
    const url = req.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const exact = routes.get(path);
    const known = exact === undefined ? below(path) : path;
    const route = exact ?? routes.get(known);
    if (route === undefined && next !== undefined) return next();
    readAddress(req);
    if (deps.metrics !== undefined) watch(deps.metrics, { req, res }, route === undefined ? "(none)" : known);
    const foreign = route?.isForAnyHost === true ? undefined : guard.checkHost(req);
    const refusal = foreign ?? (route === undefined ? refuse("not_found") : crossOrigin(route, req, res));
    if (refusal !== undefined || route === undefined) return reject(deps, { req, res }, refusal ?? refuse("not_found"));
    if (req.method === "OPTIONS") return replyPreflight(req, res, route.methods);
    if (req.readableEnded) return rejectEaten(deps, res);
    route.serve(req, res, mark < 0 ? "" : url.slice(mark));
  };

  function crossOrigin(route: Route, req: IncomingMessage, res: ServerResponse): Refusal | undefined {
    if (route.origins === "listed") return guard.checkOrigin(req, res);
    if (route.origins === "any") res.setHeader("Access-Control-Allow-Origin", "*");
    return undefined;
  }
}

/** Times the answer to its end. Routes are those that there are: what a client makes up is no label. */
function watch(metrics: Pick<Metrics, "answered">, { req, res }: Pair, route: string): void {
  const startedMs = performance.now();
  res.once("close", () => {
    const method = METHODS.has(req.method ?? "") ? (req.method ?? "") : "_OTHER";
    metrics.answered({ method, route, status: res.statusCode, durationMs: performance.now() - startedMs });
  });
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

interface Pair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** The route of everything below the first segment of a path. */
function below(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash < 0 ? path : `${path.slice(0, slash)}/*`;
}

function reject(deps: HttpDeps, { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse }, refusal: Refusal): void {
  deps.refusals.count(refusal.refused, addressOf(req) ?? "unknown");
  tellNowhere(deps, req, refusal);
  replyRefusal({ reply: createReply(res) }, refusal);
  req.resume();
}

/** Where this server is mounted behind something that reads bodies, every call would wait for a body that never comes. */
function rejectEaten(deps: HttpDeps, res: ServerResponse): void {
  deps.log.error("the body of a request was read before it came here: mount this server before any parser of bodies");
  const told = { error: "server_error", error_description: "The body of this request was read by another handler." };
  createReply(res).json(500, JSON.stringify(told));
}

function createRoutes(deps: HttpDeps): ReadonlyMap<string, Route> {
  const resource = document(deps, () => deps.resourceMetadata);
  return new Map<string, Route>([
    ["/mcp", { serve: createMcpEndpoint(deps, { path: "/mcp", doors: MCP_DOORS }), methods: "GET, POST, DELETE", origins: "listed" }],
    ...(deps.hasSse ? sseRoutes(deps) : []),
    ["/.well-known/oauth-protected-resource", resource],
    ["/.well-known/oauth-protected-resource/mcp", resource],
    ["/healthz", { serve: serveAlive, methods: "GET", origins: "own", isForAnyHost: true }],
    ["/readyz", { serve: createReadyEndpoint(deps.readiness), methods: "GET", origins: "own", isForAnyHost: true }],
    ...manifestRoutes(deps),
    ["/icons/*", { serve: createIconEndpoint(deps.icons), methods: "GET", origins: "any" }],
    ...(deps.authorization === undefined ? [] : authorizationRoutes(deps, deps.authorization)),
    ...(deps.console === undefined ? [] : consoleRoutes(deps, deps.console)),
  ]);
}

/** Also where another server issues the tokens, this one has keys to sign with. */
function manifestRoutes({ manifest }: HttpDeps): [string, Route][] {
  if (manifest === undefined) return [];
  return [
    [MANIFEST_PATH, document(undefined, () => manifest.read())],
    [JWKS_PATH, document(undefined, () => manifest.jwks())],
  ];
}

const CLIENT_ENDPOINTS = [TOKEN_PATH, PAR_PATH, REGISTRATION_PATH, REVOCATION_PATH, INTROSPECTION_PATH, DEVICE_AUTHORIZATION_PATH];

/** HTTP+SSE, for clients that know nothing newer. */
function sseRoutes(all: HttpDeps): [string, Route][] {
  const deps = { ...all, gate: all.sse.gate };
  return [
    ["/sse", { serve: createMcpEndpoint(deps, { path: "/sse", doors: SSE_DOORS }), methods: "GET", origins: "listed" }],
    [
      MESSAGES_PATH,
      {
        serve: createMcpEndpoint(deps, { path: MESSAGES_PATH, doors: MESSAGES_DOORS, own: ["sessionId"] }),
        methods: "POST",
        origins: "listed",
      },
    ],
    ["/.well-known/oauth-protected-resource/sse", document(all, () => all.sse.resourceMetadata)],
  ];
}

function authorizationRoutes(deps: HttpDeps, { issuer, pages }: Authorization): [string, Route][] {
  const metadata = document(deps, () => issuer.metadata);
  const serve = guarded(deps, (req, res) => issuer.handle(req, res));
  const page: Route = { serve: guarded(deps, (req, res) => pages.handle(req, res)), methods: "GET, POST", origins: "own" };
  const authorize: Route = { serve, methods: "GET", origins: "own" };
  return [
    ...CLIENT_ENDPOINTS.map((path): [string, Route] => [path, { serve, methods: "POST", origins: "any" }]),
    [AUTHORIZATION_PATH, authorize],
    [`${AUTHORIZATION_PATH}/*`, authorize],
    [JWKS_PATH, document(undefined, () => issuer.jwks())],
    ...pages.paths.map((path): [string, Route] => [path, page]),
    // Clients look for the issuer's document in each of these forms (RFC 8414 §3.1, OpenID Connect Discovery §4).
    ["/.well-known/oauth-authorization-server", metadata],
    ["/.well-known/oauth-authorization-server/mcp", metadata],
    ["/.well-known/openid-configuration", metadata],
    ["/.well-known/openid-configuration/mcp", metadata],
    ["/mcp/.well-known/openid-configuration", metadata],
  ];
}

function consoleRoutes(deps: HttpDeps, { handle }: Pick<Console, "handle">): [string, Route][] {
  const route: Route = { serve: guarded(deps, handle), methods: "GET, POST", origins: "own" };
  return [
    ["/console", route],
    ["/console/*", route],
  ];
}

const DOCUMENT_SECONDS = 300;

/** A public document; who keeps timelines of connections is told of those that clients read on their way. */
function document(edge: Edge | undefined, read: () => string): Route {
  return {
    methods: "GET",
    origins: "any",
    serve(req, res) {
      if (req.method !== "GET" && req.method !== "HEAD") {
        replyRefusal({ reply: createReply(res) }, refuse("method_not_allowed", { message: "Use GET.", headers: { allow: "GET, HEAD" } }));
        req.resume();
        return;
      }
      if (edge !== undefined) tellDocument(edge, req);
      createReply(res).json(200, read(), { "Cache-Control": `public, max-age=${DOCUMENT_SECONDS}` });
    },
  };
}

function guarded(deps: HttpDeps, serve: (req: IncomingMessage, res: ServerResponse) => Promise<unknown>): Endpoint {
  return (req, res) => {
    serve(req, res).catch((error: unknown) => {
      deps.log.error({ err: error }, "an endpoint failed on our side");
      if (res.headersSent) res.destroy();
      else createReply(res).json(500, JSON.stringify({ error: "server_error", error_description: "Something went wrong on our side." }));
    });
  };
}
