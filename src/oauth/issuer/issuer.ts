import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { deriveKey } from "../../lib/secret.ts";
import type { Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import { LEEWAY_SECONDS, MAX_TOKEN_LIFE_SECONDS } from "../token-rules.ts";
import { createAgent, type CreatedAgent, type NewAgent } from "./agents.ts";
import { createSecretHasher } from "./client-secrets.ts";
import { createEngine, loadEngine, type Engine, type EngineDeps } from "./engine.ts";
import type { EventSink, RefusalSink } from "./events.ts";
import { AUTHORIZATION_PATH, createIssuerMetadata, TOKEN_PATH } from "./issuer-metadata.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";
import { describeFault } from "./faults.ts";
import { isProblem, readTokenRequest, type OAuthProblem } from "./token-request.ts";

/** The authorization server. */
export interface Issuer {
  /** Authorization server metadata as JSON (RFC 8414), the same at all its locations. */
  readonly metadata: string;
  /** JWK Set as JSON: the keys whose tokens may be valid, and the next one. */
  jwks(): string;
  /** Answers a request to the token endpoint; every other path is not found. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Makes an agent on behalf of an operator. Rejects when that cannot be put on record; then there is no agent. */
  createAgent(input: NewAgent): Promise<CreatedAgent>;
  /** Lets the next key sign. Tokens signed by the present one stay valid until they expire. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface IssuerOptions {
  /** Origin without path and trailing slash; clients compare it byte for byte. */
  readonly issuer: string;
  /** Canonical URL of the one protected resource. */
  readonly resource: string;
  readonly store: Store;
  readonly scopes: ScopeCatalogue;
  /** 32 bytes, from which the keys for secrets and signing keys are derived. */
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly accessTokenTtlSeconds: number;
  readonly keyRotationDays: number;
  readonly onEvent: EventSink;
  readonly onRefusal: RefusalSink;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const HOUSEKEEPING_MS = 60_000;
/** Within this time every process notices that another one turned the key ring. */
const NOTICE_SECONDS = 120;

/** Reads the key ring, or makes it on the first start. The engine itself is loaded by the first token request. */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const { issuer, store, scopes, masterKey, now, onEvent, log } = options;
  const secrets = createSecretHasher(masterKey);
  const ring = await createKeyRing({
    store: store.signingKeys,
    sealKey: deriveKey(masterKey, "signing-key"),
    now,
    rotateAfterMs: options.keyRotationDays * DAY_MS,
    retireAfterMs: (options.accessTokenTtlSeconds + LEEWAY_SECONDS + NOTICE_SECONDS) * 1000,
  });
  const engineFor = createEngineSource(ring, { ...options, secrets, resourceAliases: aliasesOf(options.resource) });

  async function reportRotation(): Promise<void> {
    const pending = ring.rows().find((key) => key.state === "pending");
    await onEvent({ event: "keys_rotated", activeKid: ring.active().kid, pendingKid: pending?.kid ?? "" });
  }

  const housekeeping = createHousekeeping(log, async () => {
    const { isRotated } = await ring.maintain();
    if (isRotated) await reportRotation();
    await store.oidcPayloads.sweep(now());
    await store.revocations.sweep(now() - 2 * MAX_TOKEN_LIFE_SECONDS * 1000);
  });

  async function serveToken(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await readTokenRequest(req, issuer);
    if (!isProblem(request)) return (await engineFor())(request, res);
    options.onRefusal({ error: request.error, clientId: undefined, address: req.socket.remoteAddress });
    answer(res, request);
  }

  return {
    metadata: createIssuerMetadata(issuer, scopes.names),
    jwks: () => ring.jwks(),
    async handle(req, res) {
      const path = req.url?.split("?", 1)[0];
      if (path === AUTHORIZATION_PATH) return answer(res, NO_SIGN_IN);
      if (path !== TOKEN_PATH) return answer(res, NOT_FOUND);
      try {
        await serveToken(req, res);
      } catch (fault) {
        // A client that hangs up in the middle of its request gets no answer and is no fault.
        if (req.destroyed && !req.complete) return;
        answer(res, { status: 500, error: "server_error", error_description: describeFault(log, fault) });
      }
    },
    createAgent: (input) => createAgent({ store, scopes, secrets, now, onEvent }, input),
    async rotateKeys() {
      if (await ring.rotate()) await reportRotation();
    },
    close: () => housekeeping.close(),
  };
}

/** Gives the engine that signs with the active key; it is built anew when the key ring was turned, here or by another process. */
function createEngineSource(ring: KeyRing, deps: EngineDeps): () => Promise<Engine> {
  let built: { readonly kid: string; readonly engine: Engine } | undefined;
  return async () => {
    const [library] = await Promise.all([loadEngine(), ring.refresh()]);
    const key = ring.active();
    if (built?.kid !== key.kid) built = { kid: key.kid, engine: createEngine(library, deps, key) };
    return built.engine;
  };
}

/** The ways in which clients are seen to name the resource: with and without its path, each with and without a trailing slash. */
function aliasesOf(resource: string): ReadonlySet<string> {
  const { origin } = new URL(resource);
  return new Set([resource, `${resource}/`, origin, `${origin}/`]);
}

function createHousekeeping(log: Log, run: () => Promise<void>): { close(): Promise<void> } {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= run()
      .catch((error: unknown) => log.error({ err: error }, "issuer housekeeping"))
      .finally(() => (running = undefined));
  }, HOUSEKEEPING_MS).unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

const NOT_FOUND: OAuthProblem = { status: 404, error: "not_found", error_description: "there is nothing at this path" };
const NO_SIGN_IN: OAuthProblem = {
  status: 400,
  error: "unsupported_response_type",
  error_description: "nobody signs in here; agents use the grant client_credentials",
};

function answer(res: ServerResponse, { status, headers, error, error_description }: OAuthProblem): void {
  if (res.headersSent) return;
  const body = JSON.stringify({ error, error_description });
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers });
  res.end(body);
}
