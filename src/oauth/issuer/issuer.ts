import { createPrivateKey } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handshakes } from "../../audit/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { createLimiter } from "../../lib/limiter.ts";
import type { Log } from "../../lib/log.ts";
import { deriveKey } from "../../lib/secret.ts";
import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import type { ClientRow, RevocationKind, Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import type { EventSink, RefusalSink } from "../events.ts";
import { OAuthError } from "../oauth-error.ts";
import type { VerifiedToken } from "../resource/index.ts";
import type { SurfaceWatch } from "../surface-watch.ts";
import { LEEWAY_SECONDS, MAX_TOKEN_LIFE_SECONDS } from "../token-rules.ts";
import { createAuthorizations, type Authorizations } from "./authorize/index.ts";
import { createAgent, createClientDirectory, type CreatedAgent, type NewAgent } from "./clients/index.ts";
import { createEndpoints } from "./endpoints.ts";
import { createEngine, loadEngine, type Engine, type EngineDeps } from "./engine/index.ts";
import { createIssuerAnswers } from "./issuer-answers.ts";
import {
  grantClientCredentials,
  GRANTS,
  issueTrialToken,
  signStatement,
  signUpstreamToken,
  type GrantDeps,
  type Trial,
  type TrialOrder,
} from "./grants/index.ts";
import { createIssuerMetadata } from "./issuer-metadata.ts";
import { createKeyRing, createSecretHasher, type KeyRing } from "./keys/index.ts";

/** The authorization server. */
export interface Issuer {
  /** Authorization server metadata as JSON (RFC 8414), the same at all its locations. */
  readonly metadata: string;
  /** JWK Set as JSON: the keys whose tokens may be valid, and the next one. */
  jwks(): string;
  /** Answers a request to one of its endpoints; every other path is not found. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** What people decide about. */
  readonly authorizations: Authorizations;
  /** Makes an agent on behalf of an operator. Rejects when that cannot be put on record; then there is no agent. */
  createAgent(input: NewAgent): Promise<CreatedAgent>;
  /** An access token that an operator asks for, as the agent itself would get it. */
  issueToken(order: TokenOrder): Promise<OrderedToken | { readonly problems: readonly string[] }>;
  /** An access token for a person who tries out what an agent can do. Rejects when it cannot be put on record; then there is none. */
  issueTrialToken(order: TrialOrder): Promise<Trial>;
  /** Signs a token for a system that tools call; what it may do is decided by who asks for it. */
  signUpstreamToken(claims: Readonly<Record<string, unknown>>, ttlSeconds: number): string;
  /** Signs what is no token, such as the manifest, as a JWS of this type (`typ`). */
  signStatement(type: string, claims: Readonly<Record<string, unknown>>): string;
  /** Lets the next key sign. Tokens signed by the present one stay valid until they expire. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface TokenOrder {
  readonly client: ClientRow;
  /** Space-separated; the whole policy without. */
  readonly scope: string | undefined;
  readonly ttlSeconds: number;
}

export interface OrderedToken {
  readonly token: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
}

export interface IssuerOptions {
  /** Origin without path and trailing slash; clients compare it byte for byte. */
  readonly issuer: string;
  /** Canonical URL of the one protected resource. */
  readonly resource: string;
  /** Other URLs of it, by which clients may name it; tokens name the canonical one. */
  readonly otherResourceNames?: readonly string[];
  readonly store: Store;
  readonly scopes: ScopeCatalogue;
  /** 32 bytes, from which the keys for secrets and signing keys are derived. */
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly accessTokenTtlSeconds: number;
  readonly keyRotationDays: number;
  readonly refresh: GrantDeps["refresh"];
  readonly registration: { readonly isEnabled: boolean; readonly maxClients: number };
  /** Space-separated; undefined for all. */
  readonly selfRegisteredScopes: string | undefined;
  readonly enterprise: GrantDeps["enterprise"];
  readonly fetch: GuardedFetch;
  readonly onEvent: EventSink;
  readonly onRefusal: RefusalSink;
  readonly log: Log;
  /** Told of the steps by which clients connect; nobody when undefined. */
  readonly handshakes?: Handshakes | undefined;
  /** What the tools were when people allowed something; undefined where nobody keeps it. */
  readonly surfaces?: SurfaceWatch | undefined;
  /** Titles of the tools that a scope opens to an agent. */
  toolsOf(scope: string, agent: { readonly workspaceId: string; readonly clientId: string }): readonly string[];
  problemPage: EngineDeps["problemPage"];
  revoke(kind: RevocationKind, value: string): Promise<void>;
  verifyAccessToken(token: string): Promise<VerifiedToken | undefined>;
  /** Forgets what has ended elsewhere; called every minute. */
  sweep(): Promise<unknown>;
}

const DAY_MS = 86_400_000;
const HOUSEKEEPING_MS = 60_000;
/** Within this time every process notices that another one turned the key ring. */
const NOTICE_SECONDS = 120;
const CODE_GUESSES = { perSecond: 1 / 60, burst: 5 };

/** Reads the key ring, or makes it on the first start. The engine itself is loaded by the first request that needs it. */
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
  const directory = createClientDirectory({ store, fetch: options.fetch, now, log });
  const resourceAliases = aliasesOf(options.resource, options.otherResourceNames);
  const selfRegisteredScopes = options.selfRegisteredScopes ?? scopes.names.join(" ");
  const codes: GrantDeps["codes"] = { take: async (code) => (await engineFor()).takeCode(code) };
  const grantDeps: GrantDeps = { ...options, selfRegisteredScopes, resourceAliases, key: signingKey(ring), codes };
  const answers = createIssuerAnswers(grantDeps);
  const engineFor = createEngineSource(ring, { ...options, directory, secrets, answer: answers });
  const authorizations = createAuthorizations({
    ...options,
    directory,
    engine: engineFor,
    codeLimiter: createLimiter({ ...CODE_GUESSES, now }),
    policyOf: (client: ClientRow) => client.scopes ?? selfRegisteredScopes,
  });

  async function reportRotation(): Promise<void> {
    const pending = ring.rows().find((key) => key.state === "pending");
    await onEvent({ event: "keys_rotated", activeKid: ring.active().kid, pendingKid: pending?.kid ?? "" });
  }

  const housekeeping = createHousekeeping(log, async () => {
    const { isRotated } = await ring.maintain();
    if (isRotated) await reportRotation();
    await store.oidcPayloads.sweep(now());
    await store.refreshTokens.sweep(now());
    await store.devices.sweep(now());
    await options.sweep();
    await store.clients.sweepRegistered(now() - UNUSED_MS, now() - IDLE_MS);
    await store.revocations.sweep(now() - 2 * MAX_TOKEN_LIFE_SECONDS * 1000);
  });
  const endpoints = createEndpoints({ ...options, secrets, resourceAliases, engine: engineFor });

  return {
    metadata: createIssuerMetadata({
      issuer,
      scopes: scopes.names,
      grantTypes: [...GRANTS.keys()],
      hasRegistration: options.registration.isEnabled,
      hasEnterprise: options.enterprise !== undefined,
    }),
    jwks: () => ring.jwks(),
    handle: (req, res) => endpoints.handle(req, res),
    authorizations,
    createAgent: (input) => createAgent({ store, scopes, secrets, now, onEvent }, input),
    issueToken: (order) => issueOrdered(grantDeps, order),
    issueTrialToken: (order) => issueTrialToken(grantDeps, order),
    ...signingWith(grantDeps),
    async rotateKeys() {
      if (await ring.rotate()) await reportRotation();
    },
    close: () => housekeeping.close(),
  };
}

/** Clients that registered themselves are forgotten when they never got a token within a day, or none for ninety. */
const UNUSED_MS = DAY_MS;
const IDLE_MS = 90 * DAY_MS;

async function issueOrdered(deps: GrantDeps, { client, scope, ttlSeconds }: TokenOrder): ReturnType<Issuer["issueToken"]> {
  try {
    const request = { client, params: { scope }, jkt: null, address: undefined };
    const answer = await grantClientCredentials({ ...deps, accessTokenTtlSeconds: ttlSeconds }, request);
    return { token: answer.access_token, scope: answer.scope, expiresInSeconds: answer.expires_in };
  } catch (problem) {
    if (problem instanceof OAuthError) return { problems: [problem.error_description] };
    throw problem;
  }
}

function signingWith(deps: GrantDeps): Pick<Issuer, "signUpstreamToken" | "signStatement"> {
  return {
    signUpstreamToken: (claims, ttlSeconds) => signUpstreamToken(deps, claims, ttlSeconds),
    signStatement: (type, claims) => signStatement(deps, type, claims),
  };
}

/** The key that signs now, made ready once per key. */
function signingKey(ring: KeyRing): GrantDeps["key"] {
  let ready: ReturnType<GrantDeps["key"]> | undefined;
  return () => {
    const { kid, privateJwk } = ring.active();
    if (ready?.kid !== kid) ready = { kid, privateKey: createPrivateKey({ key: { ...privateJwk }, format: "jwk" }) };
    return ready;
  };
}

/** Gives the engine, built when it is first needed and anew when the key ring was turned, here or by another process. */
function createEngineSource(ring: KeyRing, deps: Omit<EngineDeps, "key">): () => Promise<Engine> {
  let loading: ReturnType<typeof loadEngine> | undefined;
  let built: { readonly kid: string; readonly engine: Engine } | undefined;
  return async () => {
    // Kept, as an import costs something each time.
    loading ??= loadEngine();
    const [library] = await Promise.all([loading, ring.refresh()]);
    const key = ring.active();
    if (built?.kid !== key.kid) built = { kid: key.kid, engine: createEngine(library, { ...deps, key }) };
    return built.engine;
  };
}

/** The ways in which clients are seen to name the resource: by each of its URLs and by its origin, each with and without a trailing slash. */
function aliasesOf(resource: string, others: readonly string[] = []): ReadonlySet<string> {
  const { origin } = new URL(resource);
  return new Set([resource, ...others, origin].flatMap((name) => [name, `${name}/`]));
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
