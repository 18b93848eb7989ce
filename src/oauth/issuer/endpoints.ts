import type { IncomingMessage, ServerResponse } from "node:http";
import { createLimiter } from "../../lib/limiter.ts";
import { createProofFreshness, verifyProof } from "../dpop/index.ts";
import { OAuthError, type OAuthProblem } from "../oauth-error.ts";
import { engineCookies, mendAuthorizationRequest } from "./authorize/index.ts";
import { registerClient } from "./clients/index.ts";
import { CODE_SECONDS, createEngineRequest, factsOf, isInternalGrant, type Engine, type InternalGrant } from "./engine/index.ts";
import { describeFault } from "./faults.ts";
import { createObserver, type Observer } from "./handshake/index.ts";
import { decodeUtf8, readBody, readForm, type FormRequest } from "./form-request.ts";
import {
  AUTHORIZATION_PATH,
  DEVICE_AUTHORIZATION_PATH,
  INTROSPECTION_PATH,
  PAR_PATH,
  REGISTRATION_PATH,
  REVOCATION_PATH,
  TOKEN_PATH,
} from "./issuer-metadata.ts";
import type { IssuerOptions } from "./issuer.ts";
import type { SecretHasher } from "./keys/index.ts";
import { addressOf } from "../../lib/client-address/index.ts";

export interface EndpointDeps extends Omit<IssuerOptions, "keyRotationDays" | "refresh"> {
  readonly secrets: SecretHasher;
  readonly resourceAliases: ReadonlySet<string>;
  engine(): Promise<Engine>;
}

const MAX_REGISTRATION_BYTES = 16 * 1024;
/** What one address may ask for: each request leaves a row behind for a while. */
const REQUESTS = { perSecond: 5, burst: 300 };
const REGISTRATIONS = { perSecond: 1 / 30, burst: 20 };

/** Endpoints that the engine serves at its token endpoint, by the grant under which it knows them. */
const THROUGH_TOKEN: ReadonlyMap<string, InternalGrant> = new Map([
  [INTROSPECTION_PATH, "urn:remit:introspection"],
  [REVOCATION_PATH, "urn:remit:revocation"],
  [DEVICE_AUTHORIZATION_PATH, "urn:remit:device_authorization"],
]);

interface Deps extends EndpointDeps {
  readonly observer: Observer;
}

/** The endpoints of the authorization server: each request is read, mended where real clients need it, and handed to the engine. */
export function createEndpoints(options: EndpointDeps): { handle(req: IncomingMessage, res: ServerResponse): Promise<void> } {
  const { handshakes = { tell: () => undefined } } = options;
  const deps: Deps = { ...options, observer: createObserver({ ...options, handshakes, codeSeconds: CODE_SECONDS }) };
  const registrations = createLimiter({ ...REGISTRATIONS, now: deps.now });

  const requests = createLimiter({ ...REQUESTS, now: deps.now });

  function admit(req: IncomingMessage): void {
    const waitSeconds = requests.take(addressOf(req) ?? "unknown");
    if (waitSeconds === 0) return;
    const headers = { "retry-after": String(waitSeconds) };
    throw new OAuthError("temporarily_unavailable", `too many requests; try again in ${waitSeconds} s`, { status: 429, headers });
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url?.split("?", 1)[0] ?? "";
    if (path === AUTHORIZATION_PATH || path === PAR_PATH || path === DEVICE_AUTHORIZATION_PATH) admit(req);
    if (path === AUTHORIZATION_PATH || path.startsWith(`${AUTHORIZATION_PATH}/`)) return authorize(deps, req, res);
    if (path === REGISTRATION_PATH) return register(deps, { req, res, limiter: registrations });
    if (path === TOKEN_PATH || path === PAR_PATH || THROUGH_TOKEN.has(path)) return serveForm(deps, { req, res, path });
    throw new OAuthError("not_found", "there is nothing at this path", 404);
  }

  return {
    async handle(req, res) {
      try {
        await serve(req, res);
      } catch (fault) {
        // A client that hangs up in the middle of its request gets no answer and is no fault.
        if (req.destroyed && !req.complete) return;
        if (!(fault instanceof OAuthError)) {
          answer(res, { status: 500, error: "server_error", error_description: describeFault(deps.log, fault) });
          return;
        }
        if (req.url === REGISTRATION_PATH) deps.observer.registered(req, fault);
        if (req.url === TOKEN_PATH) deps.observer.refused(req, fault);
        deps.onRefusal({ error: fault.error, clientId: undefined, address: addressOf(req) });
        answer(res, fault);
      }
    },
  };
}

async function authorize(deps: Deps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== "GET") throw new OAuthError("invalid_request", "use GET", { status: 405, headers: { allow: "GET" } });
  const { pathname, searchParams } = new URL(req.url ?? "", deps.issuer);
  const asked = deps.observer.asked(searchParams);
  if (pathname === AUTHORIZATION_PATH) mendAuthorizationRequest(searchParams, deps);
  const query = searchParams.size > 0 ? `?${searchParams}` : "";
  const request = createEngineRequest({
    issuer: deps.issuer,
    url: pathname + query,
    cookie: engineCookies(req),
    address: addressOf(req),
    explain: (problem) => deps.observer.authorized(asked, { req, res, problem, client: factsOf(request).client }),
  });
  await (await deps.engine()).serve(request, res);
  if (pathname === AUTHORIZATION_PATH) deps.observer.authorized(asked, { req, res, problem: undefined, client: factsOf(request).client });
  else deps.observer.resumed(pathname.slice(AUTHORIZATION_PATH.length + 1), { req, res });
}

interface FormExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
}

async function serveForm(deps: Deps, { req, res, path }: FormExchange): Promise<void> {
  const request = await readForm(req);
  const { form, authorization, address } = request;
  const internal = THROUGH_TOKEN.get(path);
  if (internal !== undefined) form.set("grant_type", internal);
  else if (path === PAR_PATH) mendAuthorizationRequest(form, deps);
  else if (isInternalGrant(form.get("grant_type") ?? "")) throw new OAuthError("unsupported_grant_type", "there is no such grant here");
  const jkt = await proveKey(deps, request, path);
  if (path === PAR_PATH && jkt !== null) bindToKey(form, jkt);
  const url = path === PAR_PATH ? PAR_PATH : TOKEN_PATH;
  const asked = path === PAR_PATH ? deps.observer.asked(form) : undefined;
  const engineRequest = createEngineRequest({ issuer: deps.issuer, url, form, authorization, address, jkt });
  await (await deps.engine()).serve(engineRequest, res);
  const answered = { req, res, ...factsOf(engineRequest) };
  if (asked !== undefined) deps.observer.authorized(asked, answered);
  else if (internal === undefined) deps.observer.token(request, answered);
}

/** The thumbprint of the key that a DPoP proof shows (RFC 9449 §5), or null without one. */
async function proveKey({ store, issuer, now }: EndpointDeps, { proof }: FormRequest, path: string): Promise<string | null> {
  if (proof === undefined) return null;
  const nowSeconds = Math.floor(now() / 1000);
  const verified = await verifyProof({
    proof,
    method: "POST",
    url: issuer + path,
    nowSeconds,
    isFresh: createProofFreshness(store.oidcPayloads, now),
  });
  if ("problem" in verified) throw new OAuthError("invalid_dpop_proof", verified.problem);
  return verified.jkt;
}

/** A proof with a pushed request binds its code to the key (RFC 9449 §10.1). */
function bindToKey(form: URLSearchParams, jkt: string): void {
  if (!form.getAll("dpop_jkt").every((named) => named === jkt))
    throw new OAuthError("invalid_request", "dpop_jkt names another key than the DPoP proof shows");
  form.set("dpop_jkt", jkt);
}

async function register(
  deps: Deps,
  { req, res, limiter }: Omit<FormExchange, "path"> & { readonly limiter: ReturnType<typeof createLimiter> },
): Promise<void> {
  if (req.method !== "POST") throw new OAuthError("invalid_request", "use POST", { status: 405, headers: { allow: "POST" } });
  const text = decodeUtf8(await readBody(req, MAX_REGISTRATION_BYTES));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new OAuthError("invalid_client_metadata", "send a JSON object with the client's metadata (RFC 7591 §2)");
  }
  const { isEnabled, maxClients } = deps.registration;
  const registered = await registerClient({ ...deps, isEnabled, maxClients, limiter }, body, addressOf(req));
  deps.observer.registered(req, registered);
  reply(res, { status: 201, body: registered });
}

function answer(res: ServerResponse, { status, headers, error, error_description }: OAuthProblem): void {
  if (!res.headersSent) reply(res, { status, body: { error, error_description }, headers });
}

interface Reply {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function reply(res: ServerResponse, { status, body, headers }: Reply): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers });
  res.end(JSON.stringify(body));
}
