import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ledger } from "../audit/index.ts";
import { createId } from "../lib/id.ts";
import type { Caller, Evidence } from "../tool/index.ts";
import { answerJson, answerProblem, answerValue } from "./answer.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleDoors, type ConsolePerson, type Endpoint } from "./endpoint.ts";
import { ENDPOINTS } from "./api/index.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { checkChange, checkRead, readJson } from "./read-change.ts";
import { createPageServer, type Ends } from "./serve-pages.ts";
import { isSignedIn, mayUse, personOf, type SessionPeople } from "./session.ts";
import { createTail, type Tail } from "./tail.ts";

/** The console: its pages and its API. */
export interface Console {
  /** Answers a request for `/console` or a path below it. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Ends every stream. */
  close(): void;
}

export interface ConsoleDeps extends ConsoleDoors {
  readonly people: SessionPeople;
  readonly ledger: Pick<Ledger, "isWritable" | "follow">;
  readonly evidenceOf: (caller: Caller) => Evidence;
  /** The sign-in page that leads to a path. */
  readonly signInPath: (path: string) => string;
  /** Where the built pages are; the folder of this package's build when left out. */
  readonly builtDir?: string | undefined;
}

const PREFIX = "/console/";
const API_PREFIX = "/console/api/";
/** Streams that one person may have open; a browser opens one or two a tab. */
const MAX_STREAMS = 24;
const LOOK_MS = 1000;
/** Ids are at most the URL of a client's metadata. */
const MAX_PARAM_CHARS = 2048;

const NOT_FOUND = new ConsoleProblem(404, { code: "not_found", message: "There is no such thing here.", next: "Reload the page." });

/** A page shows one workspace, and the browser names the one that was chosen last: what is done there must not be done here. */
const ELSEWHERE = new ConsoleProblem(409, {
  code: "another_workspace",
  message: "You chose another workspace in another tab; this page shows the one before.",
  next: "Reload the page to go on in the other one.",
});

export function createConsole(deps: ConsoleDeps): Console {
  const pages = createPageServer(deps.builtDir);
  const stopping = new AbortController();
  const underWay = new Map<string, number>();
  const serving: Serving = { deps, stopping: stopping.signal, underWay, tail: createTail(deps.ledger) };
  return {
    async handle(req, res) {
      try {
        const { pathname } = new URL(req.url ?? "/", "http://console.invalid");
        if (pathname.startsWith(API_PREFIX)) await serveApi(serving, { req, res }, pathname.slice(API_PREFIX.length));
        else await servePath(deps, pages, { req, res });
      } catch (error) {
        fail(deps, res, error);
      }
      // What nobody read of the body.
      req.resume();
    },
    close: () => stopping.abort(),
  };
}

async function servePath(deps: ConsoleDeps, pages: ReturnType<typeof createPageServer>, ends: Ends): Promise<void> {
  const { req, res } = ends;
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.setHeader("Allow", "GET, HEAD");
    throw new ConsoleProblem(405, { code: "method_not_allowed", message: "Use GET." });
  }
  const { pathname, search } = new URL(req.url ?? "/", "http://console.invalid");
  // The files are no secret: the same for everybody, and published.
  if (pathname.startsWith(PREFIX) && (await pages.serveFile(ends, pathname.slice(PREFIX.length)))) return;
  if (pathname.startsWith(`${PREFIX}assets/`)) throw NOT_FOUND;
  if (await isSignedIn(deps.people, req)) return pages.servePage(ends);
  res.writeHead(303, { Location: deps.signInPath(pathname + search), "Cache-Control": "no-store", "Content-Length": 0 }).end();
}

interface Serving {
  readonly deps: ConsoleDeps;
  readonly stopping: AbortSignal;
  /** Requests by person. */
  readonly underWay: Map<string, number>;
  readonly tail: Tail;
}

async function serveApi({ deps, stopping, underWay, tail }: Serving, { req, res }: Ends, path: string): Promise<void> {
  const foreign = req.method === "POST" ? checkChange(req, deps.url) : checkRead(req);
  if (foreign !== undefined) throw foreign;
  const by = await personOf(deps.people, req);
  if (by instanceof ConsoleProblem) throw by;
  if ((req.headers["x-remit-workspace"] ?? by.workspaceId) !== by.workspaceId) throw ELSEWHERE;
  const found = findEndpoint(ENDPOINTS, req.method ?? "GET", path);
  if (found === undefined) throw NOT_FOUND;
  if ("allow" in found) {
    res.setHeader("Allow", found.allow.join(", "));
    throw new ConsoleProblem(405, { code: "method_not_allowed", message: `Use ${found.allow.join(" or ")}.` });
  }
  const { endpoint, params } = found;
  if (Object.values(params).some(({ length }) => length > MAX_PARAM_CHARS)) throw NOT_FOUND;
  if (!mayUse(by.role, endpoint.role)) throw notAllowed(by, endpoint);
  const release = occupy(underWay, by.accountId);
  const leaving = new AbortController();
  res.once("close", () => leaving.abort());
  const signal = AbortSignal.any([leaving.signal, stopping]);
  const watch = whileAllowed({ deps, req, endpoint, by }, () => leaving.abort());
  try {
    const body = endpoint.method === "POST" ? await readJson(req, deps.config.maxBodyBytes) : undefined;
    if (endpoint.method === "POST" && endpoint.role !== "viewer") await putOnRecord(deps, by, { endpoint, params });
    const query = new URL(req.url ?? "/", "http://console.invalid").searchParams;
    const follow = () => tail.follow(by.workspaceId, signal);
    const context: ConsoleContext = { ...deps, by, evidence: deps.evidenceOf(callerOf(by)), tail: follow, signal };
    await answerValue(res, await endpoint.run(context, { params, query, body }), signal);
  } finally {
    clearInterval(watch);
    release();
  }
}

/** What takes long ends with the session, or when the person may not have it any more. */
function whileAllowed({ deps, req, endpoint, by }: Allowed, end: () => void): NodeJS.Timeout {
  return setInterval(() => {
    void personOf(deps.people, req)
      .then((now) => now instanceof ConsoleProblem || now.workspaceId !== by.workspaceId || !mayUse(now.role, endpoint.role))
      .catch(() => true)
      .then((isOver) => isOver && end());
  }, LOOK_MS).unref();
}

interface Allowed {
  readonly deps: ConsoleDeps;
  readonly req: IncomingMessage;
  readonly endpoint: Endpoint;
  readonly by: ConsolePerson;
}

/** An act of a person is on record before it is done: who, and what they asked for. What came of it has records of its own. */
function putOnRecord(
  deps: ConsoleDeps,
  by: ConsolePerson,
  { endpoint, params }: { readonly endpoint: Endpoint; readonly params: object },
): Promise<void> {
  return deps.record({ event: "console.acted", by: by.accountId, workspace: by.workspaceId, act: endpoint.path, ...params });
}

function notAllowed(by: ConsolePerson, { role }: Endpoint): ConsoleProblem {
  return new ConsoleProblem(403, {
    code: "role_needed",
    message: `This needs the role ${role}; you are ${by.role} in ${by.workspaceName}.`,
    next: "Ask an owner or admin of the workspace.",
  });
}

function occupy(underWay: Map<string, number>, accountId: string): () => void {
  const now = underWay.get(accountId) ?? 0;
  if (now >= MAX_STREAMS)
    throw new ConsoleProblem(429, { code: "too_many", message: "Too many pages of yours are open at once.", next: "Close some of them." });
  underWay.set(accountId, now + 1);
  return () => {
    const left = (underWay.get(accountId) ?? 1) - 1;
    if (left === 0) underWay.delete(accountId);
    else underWay.set(accountId, left);
  };
}

/** A person as those see them who show what is on record: of the workspace, with nothing of an agent. */
function callerOf({ accountId, workspaceId }: ConsolePerson): Caller {
  return { clientId: "console", subject: accountId, workspaceId, grantId: "", scopes: [], held: new Set(), expiresAt: Infinity };
}

function fail(deps: ConsoleDeps, res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    if (!res.destroyed && !(error instanceof ConsoleProblem)) deps.log.error({ err: error }, "a stream of the console failed on our side");
    res.destroy();
    return;
  }
  if (error instanceof ConsoleProblem) {
    if (error.status === 413) res.setHeader("Connection", "close");
    return answerProblem(res, error);
  }
  const id = createId("err");
  deps.log.error({ err: error, id }, "a request to the console failed on our side");
  answerJson(res, 500, {
    error: { code: "fault", message: "Something went wrong on our side.", next: `Try again. The log says more about ${id}.` },
  });
}
