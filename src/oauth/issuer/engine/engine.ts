import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as Library from "oidc-provider";
import type { Interaction, InteractionResults, KoaContextWithOIDC, Provider } from "oidc-provider";
import type { RefusalSink } from "../../events.ts";
import { OAuthError, type OAuthProblem } from "../../oauth-error.ts";
import { describeFault } from "../faults.ts";
import { GRANTS, type CodeUse, type TokenRequest } from "../grants/index.ts";
import { isRedirectUriAllowed } from "../clients/index.ts";
import { assertionAudiences, configure, type ConfigurationDeps } from "./configuration.ts";
import { NO_CLIENT_ID } from "./client-adapter.ts";
import { takeCode } from "./codes.ts";
import { evenRefusals } from "./even-refusals.ts";
import { factsOf } from "./engine-request.ts";
import { INTERNAL_GRANTS } from "./internal-grants.ts";

export interface EngineDeps extends ConfigurationDeps {
  readonly onRefusal: RefusalSink;
  /** Answers a request of an authenticated client, at the token endpoint or at one that goes through it. Throws OAuthError. */
  answer(grantType: string, request: TokenRequest): Promise<object>;
}

/** What the engine does for us: it authenticates clients, and it validates authorization requests and makes their codes. */
export interface Engine {
  /** Answers one request made with `createEngineRequest` and resolves when the answer was handed over. */
  serve(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** The authorization request that waits for a person, as named by the cookie of this browser. */
  interaction(req: IncomingMessage): Promise<Interaction | undefined>;
  /** Ends the wait, with the scopes that were allowed; gives the URL at which the browser goes on. Undefined when it had ended already. */
  finish(req: IncomingMessage, result: InteractionResults, scope?: string): Promise<string | undefined>;
  takeCode(code: string): Promise<CodeUse>;
}

/** The engine's code is big and only needed to issue tokens, so it is loaded with the first request for one. */
export function loadEngine(): Promise<typeof Library> {
  return import("oidc-provider");
}

export function createEngine(library: typeof Library, deps: EngineDeps): Engine {
  const provider = new library.Provider(deps.issuer, configure(library, deps));
  for (const [grantType, { params }] of GRANTS) registerGrant(library, provider, { grantType, params, deps });
  for (const grantType of INTERNAL_GRANTS)
    registerGrant(library, provider, { grantType, params: ["token", "token_type_hint", "scope", "resource"], deps });
  adjustClients(provider, deps);
  provider.on("server_error", (ctx, error) => {
    ctx.body = { error: "server_error", error_description: describeFault(deps.log, error) };
  });
  // A connection that breaks while it is answered ends up here; without a listener it would be printed.
  (provider as EventEmitter).on("error", (error: Error) => deps.log.warn({ reason: error.message }, "an endpoint of the issuer"));
  provider.use(evenRefusals);
  provider.use(async (ctx, next) => {
    await next();
    dropSessionCookie(ctx as KoaContextWithOIDC);
    countRefusal(ctx as KoaContextWithOIDC, deps.onRefusal);
  });
  const serve = provider.callback();

  async function find(req: IncomingMessage): Promise<Interaction | undefined> {
    try {
      return await provider.interactionDetails(req, NO_RESPONSE);
    } catch (error) {
      if (error instanceof library.errors.SessionNotFound) return undefined;
      throw error;
    }
  }

  return {
    serve,
    interaction: find,
    async finish(req, result, scope) {
      const interaction = await find(req);
      if (interaction === undefined || interaction.result !== undefined) return undefined;
      if (scope !== undefined) interaction.params = { ...interaction.params, scope };
      interaction.result = result;
      await interaction.save(interaction.exp - Math.floor(deps.now() / 1000));
      return interaction.returnTo;
    },
    takeCode: (code) => takeCode(provider, code),
  };
}

/** Reading a cookie needs a response that could be written to; it is not. */
const NO_RESPONSE = { getHeader: () => undefined, setHeader: () => {} } as unknown as ServerResponse;

interface GrantRegistration {
  readonly grantType: string;
  readonly params: readonly string[];
  readonly deps: EngineDeps;
}

function registerGrant({ errors }: typeof Library, provider: Provider, { grantType, params, deps }: GrantRegistration): void {
  async function handle(ctx: KoaContextWithOIDC): Promise<void> {
    const { client, address, jkt } = factsOf(ctx.req);
    if (client === undefined) throw new errors.InvalidClient("unknown");
    try {
      const given = ctx.oidc.params as TokenRequest["params"];
      ctx.body = await deps.answer(grantType, { client, params: given, jkt, address });
      if (ctx.body === undefined) ctx.status = 200;
    } catch (problem) {
      if (problem instanceof OAuthError) throw asEngineError(errors, problem);
      throw problem;
    }
  }
  provider.registerGrantType(grantType, handle, [...params]);
}

function asEngineError(errors: typeof Library.errors, { status, error, error_description, headers }: OAuthProblem): Error {
  const shown = new errors.OIDCProviderError(status, error);
  return Object.assign(shown, { error_description, expose: true, headers });
}

function adjustClients(provider: Provider, deps: EngineDeps): void {
  // The "secret" of a client is its hash, so the engine's own comparison would compare the wrong things.
  provider.Client.prototype.compareClientSecret = function compareClientSecret(presented) {
    return deps.secrets.isMatch(presented, this.clientSecret ?? "");
  };
  provider.Client.prototype.redirectUriAllowed = function redirectUriAllowed(uri) {
    return isRedirectUriAllowed(this.redirectUris ?? [], uri);
  };
  const audiences = assertionAudiences(deps.issuer);
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => audiences;
}

/** Who is signed in is kept by us; the engine's own session ends with its request. */
function dropSessionCookie(ctx: KoaContextWithOIDC): void {
  const set = ctx.response.headers["set-cookie"];
  if (!Array.isArray(set)) return;
  const kept = set.filter((cookie) => !cookie.startsWith("_session"));
  if (kept.length === 0) ctx.remove("Set-Cookie");
  else ctx.set("Set-Cookie", kept);
}

function countRefusal(ctx: KoaContextWithOIDC, onRefusal: RefusalSink): void {
  if (ctx.status < 400) return;
  const { error, error_description: description } = (ctx.body ?? {}) as { readonly error?: unknown; readonly error_description?: unknown };
  if (typeof error === "string") factsOf(ctx.req).problem = { error, description: typeof description === "string" ? description : "" };
  const clientId = ctx.oidc?.client?.clientId;
  onRefusal({
    error: typeof error === "string" ? error : "invalid_request",
    clientId: clientId === NO_CLIENT_ID ? undefined : clientId,
    address: ctx.req.socket.remoteAddress,
  });
}
