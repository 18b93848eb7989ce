/** Composition root: options in, a server out. No logic of its own. */
import { setTimeout } from "node:timers/promises";
import { originOf, parseConfig } from "../config.ts";
import { renderWelcome } from "../console/index.ts";
import { createHandler, createListener, injectFetch, type Handler, type HttpDeps, type Listener } from "../http/index.ts";
import type { Approvals } from "../approvals/index.ts";
import { auditOf, type Audit } from "../audit/index.ts";
import type { Log } from "../lib/log.ts";
import { createMcp, withIcons, type Identity, type McpDeps } from "../mcp/index.ts";
import { createChallenges, createPages, createResourceMetadata, type Issuer, type TokenVerifier } from "../oauth/index.ts";
import { createRegistry, iconEntry, type ScopeCatalogue } from "../tool/index.ts";
import { openGround, type Base, type Ground } from "./ground.ts";
import { openHealth } from "./health/index.ts";
import { linksOf } from "./links.ts";
import { openConsole } from "./open-console.ts";
import { openAuthorization } from "./open-authorization.ts";
import { openEvidence } from "./open-evidence.ts";
import { openTelemetry, type OpenedTelemetry } from "./open-telemetry.ts";
import { openManifest } from "./open-manifest.ts";
import { openPath } from "./open-path.ts";
import { createOperator, type Operator } from "./operator/index.ts";
import type { ServerOptions } from "./server-options.ts";

export interface Server {
  /** The public origin, which is also the issuer. */
  readonly url: string;
  readonly mcpUrl: string;
  /** Where people look after it; undefined when another server issues the tokens, as people then do not sign in here. */
  readonly consoleUrl: string | undefined;
  /** Where Prometheus reads; undefined unless the settings say so. */
  readonly metricsUrl: string | undefined;
  /** What an operator may do to this server. */
  readonly operator: Operator;
  readonly log: Log;
  /** The server as a `node:http` request listener; as middleware, with `next`, it passes on requests for paths that are none of its own. */
  readonly handle: Handler;
  /** The server as a Fetch API handler. `remoteAddress` is the client's, by which failed sign-ins are slowed down; default: 127.0.0.1. */
  fetch(request: Request, remoteAddress?: string): Promise<Response>;
  /** Starts to listen on the configured address. */
  listen(): Promise<void>;
  /** Says that it is not ready, takes calls a little longer if so configured, lets those in flight end, puts everything on record, and closes the store. */
  close(): Promise<void>;
}

export interface OpenedServer {
  readonly server: Server;
  readonly inside: {
    readonly store: Ground["store"];
    readonly scopes: ScopeCatalogue;
    readonly audit: Omit<Audit, "close">;
    readonly issuer: Pick<Issuer, "issueTrialToken">;
    readonly approvals: Pick<Approvals, "view" | "decide">;
  };
}

const DEFAULT_VERSION = "0.1.0";

/** Checks the declarations, opens the store and the ledger, and composes the server. Throws BootError that names each problem and its fix. */
export async function createServer(options: ServerOptions): Promise<Server> {
  return (await openServer(options)).server;
}

/** The same with what lies inside, for `remit/testing`. */
export async function openServer(options: ServerOptions): Promise<OpenedServer> {
  const registry = createRegistry(options);
  const config = options.config ?? parseConfig();
  // With port 0 the address is known only once it is bound, and everything below names it.
  let listener: Listener | undefined = config.url === undefined && config.port === 0 ? await createListener(config) : undefined;
  const url = originOf({ ...config, port: listener?.port ?? config.port });
  const made: { handler?: Handler; unobserved?: Handler } = {};
  const send = (request: Request) => sendTo(made.handler, request);
  const ask = (request: Request) => sendTo((made.unobserved ??= createHandler(unobserved(edge))), request);
  const core = await openCore(options, { registry, config, url, send, ask }).catch(async (error: unknown) => {
    await listener?.close(0);
    throw error;
  });
  let phase: "serving" | "leaving" | "stopping" = "serving";
  const edge: HttpDeps = {
    ...core.http,
    isStopping: () => phase === "stopping",
    async readiness() {
      if (phase !== "serving") return "leaving";
      return (await core.health.readiness.isReady()) ? "ready" : "unavailable";
    },
  };
  const handler: Handler = createHandler(edge);
  made.handler = handler;
  const server: Server = {
    url,
    mcpUrl: `${url}/mcp`,
    consoleUrl: core.http.console === undefined ? undefined : `${url}/console`,
    metricsUrl: core.metricsUrl,
    operator: core.operator,
    log: core.http.log,
    handle: handler,
    fetch: (request, remoteAddress) => injectFetch(handler, request, remoteAddress),
    async listen() {
      listener ??= await createListener(config);
      listener.serve(handler);
    },
    async close() {
      phase = "leaving";
      if (config.leaveSeconds > 0 && listener !== undefined) await setTimeout(config.leaveSeconds * 1000);
      phase = "stopping";
      core.mcp.close();
      core.http.console?.close();
      await listener?.close(config.drainSeconds * 1000);
      await core.close();
    },
  };
  return { server, inside: core.inside };
}

interface Start extends Base {
  /** A request to the server that is being composed. */
  readonly send: (request: Request) => Promise<Response>;
  /** The same, with nothing of it counted or on record. */
  readonly ask: (request: Request) => Promise<Response>;
}

/** The same edge with nobody watching: the server asks itself whether it is well, and that is no traffic. */
function unobserved(edge: HttpDeps): HttpDeps {
  const refusals = { ...edge.path.refusals, count: () => undefined };
  return { ...edge, path: { ...edge.path, refusals }, refusals, handshakes: undefined, metrics: undefined };
}

async function sendTo(handler: Handler | undefined, request: Request): Promise<Response> {
  if (handler === undefined) throw new Error("nothing is sent before the server is composed");
  return injectFetch(handler, request);
}

async function openCore(options: ServerOptions, base: Start) {
  // What is open is closed in reverse order, also when a later part cannot be opened.
  const closing = new AsyncDisposableStack();
  try {
    return await compose(options, base, closing);
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

async function compose(options: ServerOptions, base: Start, closing: AsyncDisposableStack) {
  const ground = await openGround(base, closing);
  const observers = await openObservers(options, ground, closing);
  // Tools reach the issuer through their upstreams, and the issuer counts its refusals on the path: it comes last.
  const made: { issuer?: Issuer } = {};
  const evidence = await openEvidence(ground, closing);
  const { path, upstreams, approvals } = openPath(options, { ground, evidence, observers, made, closing });
  const identity = identityOf(options, base.url);
  const name = identity.serverInfo.title ?? identity.serverInfo.name;
  const { verifier, people, issuer } = await openAuthorization({ ground, path, closing, name, accounts: options.accounts });
  made.issuer = issuer;
  const { config, registry, url, log, shared } = ground;
  const authorizations = issuer.authorizations;
  const told = { links: linksOf(options, ground), timelines: ground.connections, authorizations, issuerName: name };
  const pages = createPages({ ...shared, ...told, people, approvals });
  const mcp = mcpOf(ground, { path, identity, verifier });
  const authorization = config.external === undefined ? { issuer, pages } : undefined;
  const health = openHealth({ ...ground, issuer, ask: base.ask });
  const operator = createOperator({
    ...ground,
    health,
    explaining: evidence.explaining,
    failing: { failures: evidence.failures, registry },
    usage: evidence.usage,
    issuer,
    people,
    verifier,
    upstreams,
    endWatch: path.endWatch,
    tools: registry.tools,
  });
  await operator.resumeKills();
  return {
    inside: { store: ground.store, scopes: registry.scopes, audit: auditOf(ground.records), issuer, approvals },
    mcp,
    metricsUrl: observers.metricsUrl,
    operator,
    health,
    http: {
      ...config,
      ...doorsOf(ground, verifier, name),
      metrics: observers.metrics,
      url,
      path,
      mcp,
      log,
      authorization,
      console: openConsole({ name, ground, people, approvals, evidence, operator, path, issuer, send: base.send }),
      welcome: renderWelcome({ name, mcpUrl: ground.resource, consoleUrl: authorization && `${url}/console` }),
      refusals: path.refusals,
      icons: registry.icons,
      manifest: openManifest(ground, issuer),
      handshakes: ground.connections,
    },
    close: () => closing.disposeAsync(),
  };
}

function mcpOf({ config, registry, now, resource, store, key }: Ground, given: Pick<McpDeps, "path" | "identity" | "verifier">) {
  return createMcp({
    ...given,
    registry,
    now,
    resource,
    sessions: store.sessions,
    streamMs: config.streamSeconds * 1000,
    cursorKey: key("list-cursor"),
    sessionKey: key("mcp-session"),
  });
}

/** Who may come in by which address, and what each says of itself (RFC 9728). */
function doorsOf(ground: Ground, verifier: TokenVerifier, name: string) {
  const { config, url, registry, policies, challenges, resource, sseResource } = ground;
  const described = { issuer: config.external?.issuer ?? url, scopes: registry.scopes.names, name };
  return {
    gate: { verifier, policies, challenges },
    resourceMetadata: createResourceMetadata({ resource, ...described }),
    sse: {
      gate: { verifier, policies, challenges: createChallenges({ resource: sseResource, baseline: registry.scopes.baseline }) },
      resourceMetadata: createResourceMetadata({ resource: sseResource, ...described }),
    },
  };
}

/** Those who watch: of requests they are told on the path, of the rest here. */
async function openObservers(
  { name = "remit", version = DEFAULT_VERSION }: ServerOptions,
  ground: Ground,
  closing: AsyncDisposableStack,
): Promise<OpenedTelemetry> {
  const observers = await openTelemetry({ ...ground, name, version }, closing);
  const { metrics } = observers;
  if (metrics !== undefined) {
    ground.ledger.follow((rows) => metrics.records(rows.length));
    ground.heard.push((event) => metrics.event(event));
  }
  return observers;
}

function identityOf({ name = "remit", title = name, version = DEFAULT_VERSION, instructions, icon }: ServerOptions, url: string): Identity {
  const icons = icon === undefined ? {} : withIcons({ icons: [iconEntry(icon)] }, url);
  return { url, serverInfo: { name, title, version, ...icons }, instructions, hasLogging: true };
}
