import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as Library from "oidc-provider";
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from "oidc-provider";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import { LEEWAY_SECONDS, SIGNING_ALG } from "../token-rules.ts";
import { createAdapterFactory, NO_CLIENT_ID } from "./adapter.ts";
import { checkAssertion } from "./assertion-rules.ts";
import { CLIENT_CREDENTIALS, createClientCredentialsGrant, type GrantDeps } from "./client-credentials.ts";
import type { SecretHasher } from "./client-secrets.ts";
import type { RefusalSink } from "./events.ts";
import { describeFault } from "./faults.ts";
import { ASSERTION_ALGS, CLIENT_AUTH_METHODS, TOKEN_PATH } from "./issuer-metadata.ts";
import type { ActiveKey } from "./key-ring.ts";

export interface EngineDeps extends Omit<GrantDeps, "errors" | "kid" | "store"> {
  readonly issuer: string;
  readonly store: Pick<Store, "clients" | "grants" | "oidcPayloads">;
  readonly secrets: SecretHasher;
  readonly masterKey: Uint8Array;
  readonly log: Log;
  readonly onRefusal: RefusalSink;
}

/** Answers one request and resolves when the answer was handed over. */
export type Engine = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** The engine's code is big and only needed to issue tokens, so it is loaded with the first request for one. */
export function loadEngine(): Promise<typeof Library> {
  return import("oidc-provider");
}

/** An engine that signs with this key; another key needs another engine. */
export function createEngine(library: typeof Library, deps: EngineDeps, key: ActiveKey): Engine {
  const { errors } = library;
  const provider = new library.Provider(deps.issuer, configure(library, deps, key));
  const grant = createClientCredentialsGrant({ ...deps, errors, kid: key.kid });
  provider.registerGrantType(CLIENT_CREDENTIALS, grant, ["scope", "resource"], ["resource"]);
  // The "secret" of a client is its hash, so the engine's own comparison would compare the wrong things.
  provider.Client.prototype.compareClientSecret = function compareClientSecret(presented) {
    return deps.secrets.isMatch(presented, this.clientSecret ?? "");
  };
  const audiences = assertionAudiences(deps.issuer);
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => audiences;
  provider.on("server_error", (ctx, error) => {
    ctx.body = { error: "server_error", error_description: describeFault(deps.log, error) };
  });
  // A connection that breaks while it is answered ends up here; without a listener it would be printed.
  (provider as EventEmitter).on("error", (error: Error) => deps.log.warn({ reason: error.message }, "token endpoint"));
  provider.use(async (ctx, next) => {
    await next();
    countRefusal(ctx as KoaContextWithOIDC, deps.onRefusal);
  });
  return provider.callback();
}

function assertionAudiences(issuer: string): Set<string> {
  return new Set([issuer, `${issuer}/`, issuer + TOKEN_PATH]);
}

/** Everything that is not served is off: no session, no registration, no introspection, no sign-in pages of the engine's own. */
function configure(library: typeof Library, deps: EngineDeps, key: ActiveKey): Configuration {
  const { issuer, store, secrets, masterKey, now, accessTokenTtlSeconds } = deps;
  const audiences = assertionAudiences(issuer);
  return {
    adapter: createAdapterFactory({ store, secrets, masterKey, now, errors: library.errors }),
    jwks: { keys: [structuredClone(key.privateJwk)] },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGS] },
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALG } satisfies Partial<ClientMetadata>,
    responseTypes: [],
    scopes: [],
    routes: { token: TOKEN_PATH },
    clockTolerance: LEEWAY_SECONDS,
    clientBasedCORS: () => false,
    ttl: { ClientCredentials: accessTokenTtlSeconds },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    async assertJwtClientAuthClaimsAndHeader(_ctx, claims) {
      const problem = checkAssertion(claims, { audiences, nowSeconds: Math.floor(now() / 1000) });
      if (problem !== undefined) throw new library.errors.InvalidClientAuth(problem);
    },
    formats: {
      customizers: {
        jwt(_ctx, token, jwt) {
          const issuedAt = Math.floor(now() / 1000);
          const grantId = "grantId" in token ? token.grantId : undefined;
          Object.assign(jwt.payload, { iat: issuedAt, exp: issuedAt + accessTokenTtlSeconds, gid: grantId });
        },
      },
    },
  };
}

function countRefusal(ctx: KoaContextWithOIDC, onRefusal: RefusalSink): void {
  if (ctx.status < 400) return;
  const { error } = ctx.body as { readonly error: string };
  const clientId = ctx.oidc.client?.clientId;
  onRefusal({ error, clientId: clientId === NO_CLIENT_ID ? undefined : clientId, address: ctx.req.socket.remoteAddress });
}
