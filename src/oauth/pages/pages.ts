import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { CONNECTIONS_PATH } from "../../audit/index.ts";
import { createId } from "../../lib/id.ts";
import { deriveKey } from "../../lib/secret.ts";
import { changeAccount, newPasskeyOptions, showAccount } from "./account-page.ts";
import { APPROVALS_PATH, decideApproval, showApproval, showApprovals } from "./approval-page.ts";
import { ASSETS, type Asset } from "./assets/index.ts";
import { decideDevice, decideInteraction, showDevice, showInteraction } from "./consent/index.ts";
import { createFormTies, isSameSite, isSameToken, readForm, STALE, type FormProblem, type FormTies } from "./forms.ts";
import { renderLayout } from "./layout.ts";
import { showConnection, tellVisit } from "./connections/index.ts";
import { confirmDeed, LINKS_PATH, showDeed } from "./link-page.ts";
import { renderNotice } from "./notice-page.ts";
import type { PagePending, PagesDeps } from "./page-deps.ts";
import { signInPath } from "./return-to.ts";
import { PAGE_HEADERS } from "./security-headers.ts";
import * as signIn from "./sign-in/index.ts";
import type { Answer, PageContent, SignedInVisit, Visit } from "./visit.ts";

/** The pages that people use. */
export interface Pages {
  /** Answers a request for a page. False, and nothing done, when its path is none of `paths`. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** One that ends in `/*` stands for all below it. */
  readonly paths: readonly string[];
}

interface Route {
  readonly get?: (visit: Visit) => Promise<Answer>;
  readonly post?: (visit: Visit) => Promise<Answer>;
}

interface SignedInRoute {
  readonly get?: (visit: SignedInVisit) => Promise<Answer>;
  readonly post?: (visit: SignedInVisit) => Promise<Answer>;
  /** Sign-out also takes sessions that still lack a passkey. */
  readonly takesPartial?: boolean;
}

const INTERACTION = "/interaction/*";
const APPROVAL = `${APPROVALS_PATH}/*`;
const LINK = `${LINKS_PATH}/*`;
const CONNECTION = `${CONNECTIONS_PATH}/*`;

/** For everybody; their forms are tied to the browser. */
const OPEN: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/sign-in", { get: signIn.showSignIn, post: signIn.signInWithPassword }],
  ["/sign-in/link", { get: signIn.showLink, post: signIn.useLink }],
  ["/sign-in/passkey", { post: signIn.signInWithPasskey }],
  ["/sign-in/passkey/options", { post: signIn.passkeyOptions }],
  [LINK, { get: showDeed, post: confirmDeed }],
  [CONNECTION, { get: showConnection }],
  ["/sign-in/own", { post: signIn.signInWithOwn }],
  ["/sign-in/external", { get: signIn.finishExternal, post: signIn.startExternal }],
]);

/** For people who are signed in; their forms carry the session's token. */
const SIGNED_IN: ReadonlyMap<string, SignedInRoute> = new Map<string, SignedInRoute>([
  [INTERACTION, { get: showInteraction, post: decideInteraction }],
  [APPROVALS_PATH, { get: showApprovals }],
  [APPROVAL, { get: showApproval, post: decideApproval }],
  ["/device", { get: showDevice, post: decideDevice }],
  ["/account", { get: showAccount, post: changeAccount }],
  ["/account/passkey/options", { post: newPasskeyOptions }],
  ["/sign-out", { post: signIn.signOut, takesPartial: true }],
]);

const PATHS: readonly string[] = [...OPEN.keys(), ...SIGNED_IN.keys(), ...ASSETS.keys()];

export function createPages<P extends PagePending>(deps: PagesDeps<P>): Pages {
  // Which pending request is meant never leaves the hands of who gave it out, so that pages need not know its type.
  const plain = deps as unknown as PagesDeps;
  const ties = createFormTies({ url: deps.url, key: deriveKey(deps.masterKey, "page-forms"), now: deps.now });
  return {
    paths: PATHS,
    async handle(req, res) {
      const url = URL.parse(req.url ?? "/", "http://page.invalid");
      if (url === null || !PATHS.includes(routeOf(url.pathname))) return false;
      try {
        const asset = ASSETS.get(url.pathname);
        if (asset !== undefined) replyAsset({ req, res }, asset, url.searchParams.get("v"));
        else reply(plain, { req, res }, await answerTold(plain, { ties, req, url }));
      } catch (error) {
        replyFault(plain, { req, res }, error);
      }
      return true;
    },
  };
}

function routeOf(path: string): string {
  if (path.startsWith("/interaction/")) return INTERACTION;
  if (path.startsWith(`${LINKS_PATH}/`)) return LINK;
  if (path.startsWith(`${CONNECTIONS_PATH}/`)) return CONNECTION;
  return path.startsWith(`${APPROVALS_PATH}/`) ? APPROVAL : path;
}

interface Arrival {
  readonly ties: FormTies;
  readonly req: IncomingMessage;
  readonly url: URL;
}

/** The answer, of which who keeps timelines of connections is told. */
async function answerTold(deps: PagesDeps, arrival: Arrival): Promise<Answer> {
  const given = await answer(deps, arrival);
  if (deps.timelines !== undefined) tellVisit(deps.timelines, { ...arrival, given });
  return given;
}

async function answer(deps: PagesDeps, { ties, req, url }: Arrival): Promise<Answer> {
  const path = url.pathname;
  const open = OPEN.get(routeOf(path));
  const signedIn = SIGNED_IN.get(routeOf(path));
  const method = req.method === "HEAD" ? "GET" : req.method;
  const has = { GET: (open ?? signedIn)?.get !== undefined, POST: (open ?? signedIn)?.post !== undefined };
  if ((method !== "GET" && method !== "POST") || !has[method]) return notAllowed(has);
  const form = method === "GET" ? undefined : await takeForm(req, deps.url);
  if (form !== undefined && "problem" in form) return refuseForm(form);
  const session = await deps.people.session(req.headers.cookie);
  const visit: Visit = { deps, ties, req, path, query: url.searchParams, form, session };
  if (open !== undefined) {
    if (form !== undefined && !ties.isValid(req, form.get("csrf") ?? "")) return refuseForm(STALE);
    return (form === undefined ? open.get : open.post)?.(visit) ?? notAllowed(has);
  }
  if (session === undefined || (session.state !== "full" && signedIn?.takesPartial !== true)) {
    return { redirect: signInPath(form === undefined ? path + url.search : path === "/sign-out" ? "/account" : path) };
  }
  if (form !== undefined && !isSameToken(form.get("csrf") ?? "", session.csrf)) return refuseForm(STALE);
  return (form === undefined ? signedIn?.get : signedIn?.post)?.({ ...visit, session }) ?? notAllowed(has);
}

async function takeForm(req: IncomingMessage, url: string): Promise<URLSearchParams | FormProblem> {
  return isSameSite(req, url) ? readForm(req) : STALE;
}

function refuseForm({ status, problem }: FormProblem): PageContent {
  const next = "Open the page again from the start. If you did not send anything yourself, you can close this window: nothing was changed.";
  return renderNotice({
    status,
    title: "This was not accepted",
    message: problem,
    next,
    ...(status === 413 ? { headers: { Connection: "close" } } : {}),
  });
}

function notAllowed(has: { readonly GET: boolean; readonly POST: boolean }): PageContent {
  const allow = [...(has.GET ? ["GET", "HEAD"] : []), ...(has.POST ? ["POST"] : [])].join(", ");
  const next = "Start from your account page.";
  return renderNotice({
    status: 405,
    title: "This address is not a page to open",
    message: "It is used by other pages.",
    next,
    headers: { Allow: allow },
  });
}

interface Ends {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

function reply({ issuerName }: PagesDeps, { req, res }: Ends, answer: Answer): void {
  // The whole body was read, or is not wanted.
  req.resume();
  const headers: OutgoingHttpHeaders =
    answer.cookies === undefined ? { ...PAGE_HEADERS } : { ...PAGE_HEADERS, "Set-Cookie": [...answer.cookies] };
  if ("redirect" in answer) {
    res.writeHead(303, { ...headers, Location: answer.redirect, "Content-Length": 0 });
    res.end();
    return;
  }
  const isJson = "json" in answer;
  const body = isJson ? JSON.stringify(answer.json) : renderLayout(issuerName, answer);
  const type = isJson ? "application/json" : "text/html; charset=utf-8";
  const own = isJson ? {} : answer.headers;
  res.writeHead(isJson ? 200 : (answer.status ?? 200), {
    ...headers,
    ...own,
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

const ASSET_SECONDS = 365 * 86_400;

function replyAsset({ req, res }: Ends, { body, type, version }: Asset, asked: string | null): void {
  req.resume();
  const caching = asked === version ? `public, max-age=${ASSET_SECONDS}, immutable` : "no-cache";
  res.writeHead(200, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": caching,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

function replyFault(deps: PagesDeps, ends: Ends, error: unknown): void {
  if (ends.res.headersSent || ends.res.destroyed) {
    ends.res.destroy();
    return;
  }
  const id = createId("err");
  deps.log.error({ err: error, id }, "a page failed on our side");
  const message = "Something went wrong on our side.";
  reply(deps, ends, renderNotice({ status: 500, title: "Something went wrong", message, next: "Try again in a moment.", id }));
}
