/** Composition root: options in, a server out. No logic of its own. */
import { readFile } from "node:fs/promises";
import { createApprovals } from "./approvals/index.ts";
import { openLedger, recoverIntents, type Ledger } from "./audit/index.ts";
import { authorityOf, createCallPath, createPolicies, decide, type CallPath } from "./call/index.ts";
import { parseConfig, type Config } from "./config.ts";
import { BootError, isRefusal, type Refusal } from "./errors.ts";
import { createHandler, createListener, injectFetch, type Handler, type Listener } from "./http/index.ts";
import { systemClock, type Clock } from "./lib/clock.ts";
import { createGuardedFetch, type GuardedFetch } from "./lib/guarded-fetch.ts";
import { createLog, type Log } from "./lib/log.ts";
import { createMailer } from "./lib/mailer.ts";
import { loadMasterKey } from "./lib/master-key.ts";
import { deriveKey } from "./lib/secret.ts";
import { createMcp, withIcons, type Identity } from "./mcp/index.ts";
import {
  createChallenges,
  createExternalVerifier,
  createIssuer,
  createPages,
  createPeople,
  createResourceMetadata,
  createTokenVerifier,
  createUpstreams,
  problemPage,
  type Issuer,
  type IssuerOptions,
  type TokenVerifier,
} from "./oauth/index.ts";
import { createEventRecorder, createIssuerRecorder } from "./event-records.ts";
import { createOperator, type Operator } from "./operator.ts";
import { openStore } from "./store/index.ts";
import { createRegistry, iconEntry, type LinkPages, type Surface, type UpstreamDeclarations } from "./tool/index.ts";

export type { Operator } from "./operator.ts";

/** A server is declared by its scopes and what they open; everything else has a default. */
export interface ServerOptions extends Surface {
  readonly name?: string;
  readonly title?: string;
  readonly version?: string;
  /** What clients tell their model about this server as a whole. */
  readonly instructions?: string;
  /** The systems that tools call, by the name under which `context.upstream` knows them. */
  readonly upstreams?: UpstreamDeclarations;
  /** What the links to this server, `/links/TOKEN`, do. */
  readonly links?: LinkPages;
  /** Settings; by default those of the environment. */
  readonly config?: Config;
}

export interface Server {
  /** The public origin, which is also the issuer. */
  readonly url: string;
  readonly mcpUrl: string;
  /** What an operator may do to this server. */
  readonly operator: Operator;
  readonly log: Log;
  /** The server as a `node:http` request listener. */
  readonly handle: Handler;
  /** The server as a Fetch API handler. */
  fetch(request: Request): Promise<Response>;
  /** Starts to listen on the configured address. */
  listen(): Promise<void>;
  /** Lets calls in flight end, puts everything on record, and closes the store. */
  close(): Promise<void>;
}

const DEFAULT_VERSION = "0.1.0";

/** Checks the declarations, opens the store and the ledger, and composes the server. Throws BootError that names each problem and its fix. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const registry = createRegistry(options);
  const config = options.config ?? parseConfig();
  // With port 0 the address is known only once it is bound, and everything below names it.
  let listener: Listener | undefined = config.url === undefined && config.port === 0 ? await createListener(config) : undefined;
  const url = config.url ?? `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${listener?.port ?? config.port}`;
  const core = await openCore(options, { registry, config, url }).catch(async (error: unknown) => {
    await listener?.close(0);
    throw error;
  });
  let isStopping = false;
  const handler: Handler = createHandler({ ...core.http, isStopping: () => isStopping });
  return {
    url,
    mcpUrl: `${url}/mcp`,
    operator: core.operator,
    log: core.http.log,
    handle: handler,
    fetch: (request) => injectFetch(handler, request),
    async listen() {
      listener ??= await createListener(config);
      listener.serve(handler);
    },
    async close() {
      isStopping = true;
      core.mcp.close();
      await listener?.close(config.drainSeconds * 1000);
      await core.close();
    },
  };
}

interface Base {
  readonly registry: ReturnType<typeof createRegistry>;
  readonly config: Config;
  readonly url: string;
}

async function openCore(options: ServerOptions, base: Base) {
  // What is open is closed in reverse order, also when a later part cannot be opened.
  const closing = new AsyncDisposableStack();
  try {
    return await compose(options, base, closing);
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

async function compose(options: ServerOptions, base: Base, closing: AsyncDisposableStack) {
  const ground = await openGround(base, closing);
  // Tools reach the issuer through their upstreams, and the issuer counts its refusals on the path: it comes last.
  const made: { issuer?: Issuer } = {};
  const { path, upstreams, approvals } = openPath(options, { ground, made, closing });
  const identity = identityOf(options, base.url);
  const name = identity.serverInfo.title ?? identity.serverInfo.name;
  const { verifier, people, issuer } = await openAuthorization({ ground, path, closing, name });
  made.issuer = issuer;
  const { config, registry, url, store, now, log, resource, record, shared, key } = ground;
  const links = linksOf(options, ground);
  const pages = createPages({ ...shared, people, approvals, links, authorizations: issuer.authorizations, issuerName: name });
  const mcp = createMcp({
    path,
    registry,
    now,
    identity,
    verifier,
    resource,
    sessions: store.sessions,
    streamMs: config.streamSeconds * 1000,
    cursorKey: key("list-cursor"),
    sessionKey: key("mcp-session"),
  });
  const issuerName = config.external?.issuer ?? url;
  const described = { issuer: issuerName, scopes: registry.scopes.names, name };
  const resourceMetadata = createResourceMetadata({ resource, ...described });
  const authorization = config.external === undefined ? { issuer, pages } : undefined;
  const { sseResource, policies } = ground;
  const gate = { verifier, policies, challenges: ground.challenges };
  const sse = {
    gate: { verifier, policies, challenges: createChallenges({ resource: sseResource, baseline: registry.scopes.baseline }) },
    resourceMetadata: createResourceMetadata({ resource: sseResource, ...described }),
  };
  return {
    mcp,
    operator: createOperator({ url, store, issuer, people, verifier, upstreams, policies, tools: registry.tools, now, record }),
    http: { ...config, url, gate, path, mcp, log, authorization, resourceMetadata, sse, refusals: path.refusals, icons: registry.icons },
    close: () => closing.disposeAsync(),
  };
}

/** What everything else stands on: rows, the ledger, keys, the way out. */
async function openGround({ registry, config, url }: Base, closing: AsyncDisposableStack) {
  const now = systemClock;
  const log = createLog(config.logLevel);
  const resource = `${url}/mcp`;
  // The same resource by its other transport: clients compare the name in the metadata with the URL that they were given (RFC 9728 §3.3).
  const sseResource = `${url}/sse`;
  const otherResourceNames = config.hasSse ? [sseResource] : [];
  const masterKey = await loadMasterKey(config.masterKey, config.dataDir);
  if (typeof masterKey === "string") throw new BootError([masterKey]);
  const guardedFetch = await openFetch(config);
  const store = closing.adopt(await openStore(config), (opened) => opened.close());
  await store.migrate(registry.tables);
  const ledger = closing.adopt(await openLedger(await store.openLedger()), (opened) => opened.close());
  await closeIntents(ledger, log, now);
  const asksByDefault = config.approvalsFor === "destructive";
  const policies = closing.adopt(await createPolicies({ store, asksByDefault, log }), (opened) => opened.close());
  const record = createEventRecorder(ledger, now);
  const onEvent = createIssuerRecorder(record);
  const shared = {
    ...config,
    resource,
    otherResourceNames,
    store,
    scopes: registry.scopes,
    now,
    masterKey,
    log,
    fetch: guardedFetch,
    url,
    onEvent,
  };
  const challenges = createChallenges({ resource, baseline: registry.scopes.baseline });
  const key = (purpose: string) => deriveKey(masterKey, purpose);
  return {
    registry,
    config,
    url,
    now,
    log,
    resource,
    sseResource,
    masterKey,
    guardedFetch,
    store,
    ledger,
    policies,
    record,
    onEvent,
    shared,
    challenges,
    key,
  };
}

type Ground = Awaited<ReturnType<typeof openGround>>;

interface Late {
  readonly ground: Ground;
  readonly made: { readonly issuer?: Issuer };
  readonly closing: AsyncDisposableStack;
}

/** The path of a call, and what it needs of the world around. */
function openPath(options: ServerOptions, { ground, made, closing }: Late) {
  const { registry, config, url, now, log, masterKey, guardedFetch, store, record, onEvent, key } = ground;
  const upstreams = createUpstreams({
    declarations: options.upstreams ?? {},
    url,
    db: store.db,
    masterKey,
    now,
    onEvent,
    mint(claims, ttlSeconds) {
      if (made.issuer === undefined) throw new Error("no call runs before the server is composed");
      return made.issuer.signUpstreamToken({ ...claims }, ttlSeconds);
    },
  });
  const mailer = createMailer({ ...config.smtp, onFailure: (err) => log.warn({ err }, "a mail was not taken by the SMTP server") });
  closing.defer(() => mailer.close());
  const approvals = createApprovals({
    store,
    key: key("approval"),
    url,
    now,
    record,
    describeTool(name) {
      const found = registry.tools.get(name);
      return found === undefined ? undefined : { title: found.tool.title, effect: found.effect };
    },
  });
  closing.defer(() => approvals.close());
  const path = createCallPath({
    ...config,
    ...ground,
    upstreams,
    approvals,
    outside: { url, fetch: guardedFetch, mail: mailer.send },
    evidence: () => ({ now }),
    cursorKey: key("cursor"),
    stateKey: key("request-state"),
    taskKey: key("task"),
    changeKey: key("change"),
  });
  return { path, upstreams, approvals };
}

interface Opened {
  readonly ground: Ground;
  readonly path: CallPath;
  readonly closing: AsyncDisposableStack;
  readonly name: string;
}

/** Who may call: tokens, people, and the authorization server. */
async function openAuthorization({ ground, path, closing, name }: Opened) {
  const { config, url, shared } = ground;
  const verifier = closing.adopt(await openVerifier(config, { ...shared, issuer: url }), (opened) => opened.close());
  const people = createPeople({
    ...shared,
    external: config.signIn,
    onSignInRefused: ({ method, address }) => path.refusals.count(`sign_in_${method}`, address ?? "unknown"),
  });
  const issuing: IssuerOptions = {
    ...shared,
    issuer: url,
    problemPage: (problem) => problemPage(name, problem),
    toolsOf: (scope, agent) => titlesOf(ground, scope, agent),
    sweep: () => people.sweep(),
    revoke: (kind, value) => verifier.revoke(kind, value),
    verifyAccessToken: async (token) => accepted(await verifier.verify(token)),
    onRefusal: ({ error, address }) => path.refusals.count(error, address ?? "unknown"),
  };
  const issuer = closing.adopt(await createIssuer(issuing), (opened) => opened.close());
  closing.defer(() => path.close(config.drainSeconds * 1000));
  return { verifier, people, issuer };
}

/** The titles of the tools that a scope opens to an agent, as far as the policy of the workspace lets it use them. */
function titlesOf(
  { registry, policies }: Ground,
  scope: string,
  { workspaceId, clientId }: Parameters<IssuerOptions["toolsOf"]>[1],
): string[] {
  const authority = authorityOf(registry.scopes.parse(registry.scopes.names.join(" ")), policies.of(workspaceId, clientId));
  const opened = [...registry.tools.values()].filter((tool) => tool.scopes.includes(scope) && decide(authority, tool).allowed);
  return opened.map(({ tool }) => tool.title);
}

type VerifierOptions = Parameters<typeof createTokenVerifier>[0] & Omit<Parameters<typeof createExternalVerifier>[0], "external">;

function openVerifier({ external }: Config, options: VerifierOptions): Promise<TokenVerifier> {
  return external === undefined ? createTokenVerifier(options) : createExternalVerifier({ ...options, external });
}

function accepted<T>(result: T): Exclude<T, Refusal> | undefined {
  return isRefusal(result) ? undefined : (result as Exclude<T, Refusal>);
}

async function openFetch({ fetchAllowedHosts: allowedHosts, fetchCaFile: file }: Config): Promise<GuardedFetch> {
  if (file === undefined) return createGuardedFetch({ allowedHosts });
  const ca = await readFile(file, "utf8").catch(() => {
    throw new BootError([`REMIT_FETCH_CA: there is no file ${file} that can be read`]);
  });
  return createGuardedFetch({ allowedHosts, ca });
}

/** The links of this server's own, each use on record. */
function linksOf({ links }: ServerOptions, { store, record, now }: Pick<Ground, "store" | "record" | "now">) {
  if (links === undefined) return undefined;
  const db = store.db as unknown as Parameters<LinkPages["find"]>[0];
  return {
    find: (token: string) => links.find(db, token, now()),
    async confirm(token: string, form: Readonly<Record<string, string>>) {
      const link = await links.find(db, token, now());
      // First the record: a link that was used must not be missing from it.
      if (link !== undefined) await record({ event: "link.confirming", what: link.kind, workspace: link.workspaceId });
      const outcome = await links.confirm(db, token, { nowMs: now(), form });
      if (link !== undefined && "done" in outcome) await record({ event: "link.confirmed", what: link.kind, workspace: link.workspaceId });
      return outcome;
    },
  };
}

/** Puts an outcome to what was under way when the server last stopped. */
async function closeIntents(ledger: Ledger, log: Log, now: Clock): Promise<void> {
  const unknown = await recoverIntents(ledger, now());
  if (unknown > 0) log.warn({ unknown }, "calls were under way when the server last stopped; their outcome is on record as unknown");
}

function identityOf({ name = "remit", title = name, version = DEFAULT_VERSION, instructions, icon }: ServerOptions, url: string): Identity {
  const icons = icon === undefined ? {} : withIcons({ icons: [iconEntry(icon)] }, url);
  return { url, serverInfo: { name, title, version, ...icons }, instructions, hasLogging: true };
}
