import type * as Library from "oidc-provider";
import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { deriveKey } from "../../../lib/secret.ts";
import type { Store } from "../../../store/index.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import type { OAuthProblem } from "../../oauth-error.ts";
import { LEEWAY_SECONDS, SIGNING_ALG } from "../../token-rules.ts";
import type { ClientDirectory } from "../clients/index.ts";
import { ASSERTION_ALGS, AUTHORIZATION_PATH, CLIENT_AUTH_METHODS, INTERACTION_PATH, PAR_PATH, TOKEN_PATH } from "../issuer-metadata.ts";
import type { ActiveKey, SecretHasher } from "../keys/index.ts";
import { createAdapterFactory } from "./adapter.ts";
import { checkAssertion } from "./assertion-rules.ts";
import { createClientAdapter } from "./client-adapter.ts";
import { factsOf } from "./engine-request.ts";

export interface ConfigurationDeps {
  readonly issuer: string;
  /** Canonical URL: the audience of every token. */
  readonly resource: string;
  readonly scopes: ScopeCatalogue;
  readonly store: Pick<Store, "db" | "grants" | "oidcPayloads">;
  readonly directory: ClientDirectory;
  readonly secrets: SecretHasher;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly log: Log;
  /** The engine signs nothing that anybody relies on, but does not start without a key. */
  readonly key: ActiveKey;
  /** The page for what cannot be sent back to the client, as HTML with its headers. */
  problemPage(problem: Pick<OAuthProblem, "error" | "error_description"> & { readonly link?: string | undefined }): {
    readonly html: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export const CODE_SECONDS = 60;
/** How long a person may take to sign in and decide. */
const INTERACTION_SECONDS = 1800;

export function assertionAudiences(issuer: string): Set<string> {
  return new Set([issuer, `${issuer}/`, issuer + TOKEN_PATH]);
}

/** Everything that is not served is off: no userinfo, no logout, no registration of the engine's own. */
export function configure(library: typeof Library, deps: ConfigurationDeps): Configuration {
  const { issuer, masterKey, now, key } = deps;
  const audiences = assertionAudiences(issuer);
  return {
    adapter: createAdapterFactory({ ...deps, errors: library.errors }, createClientAdapter(library, deps)),
    jwks: { keys: [structuredClone(key.privateJwk)] },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGS] },
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALG },
    responseTypes: ["code"],
    pkce: { required: () => true },
    scopes: [],
    // Kept with the code, so that only the key that it names redeems it (RFC 9449 §10).
    extraParams: ["dpop_jkt"],
    routes: { token: TOKEN_PATH, authorization: AUTHORIZATION_PATH, pushed_authorization_request: PAR_PATH },
    clockTolerance: LEEWAY_SECONDS,
    clientBasedCORS: () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    expiresWithSession: () => false,
    cookies: {
      keys: [deriveKey(masterKey, "engine-cookie").toString("base64url")],
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    ttl: { AuthorizationCode: CODE_SECONDS, Interaction: INTERACTION_SECONDS, Session: INTERACTION_SECONDS },
    features: { ...NOT_SERVED, pushedAuthorizationRequests: { enabled: true }, resourceIndicators: resourceIndicators(library, deps) },
    interactions: { policy: waitForConsent(library, deps), url: (_ctx, interaction) => `${INTERACTION_PATH}/${interaction.uid}` },
    findAccount: (_ctx, id) => findAccount(deps, id),
    async loadExistingGrant(ctx) {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    renderError(ctx, { error, error_description = "" }) {
      const link = factsOf(ctx.req).explain?.({ error, description: error_description });
      const { html, headers } = deps.problemPage({ error, error_description, link });
      ctx.set({ ...headers });
      ctx.type = "html";
      ctx.body = html;
    },
    async assertJwtClientAuthClaimsAndHeader(_ctx, claims) {
      const problem = checkAssertion(claims, { audiences, nowSeconds: Math.floor(now() / 1000) });
      if (problem !== undefined) throw new library.errors.InvalidClientAuth(problem);
    },
  };
}

const NOT_SERVED: NonNullable<Configuration["features"]> = {
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  userinfo: { enabled: false },
};

/** The one resource; how else clients name it was mended before the engine saw the request. */
function resourceIndicators({ errors }: typeof Library, { resource, scopes }: ConfigurationDeps) {
  return {
    enabled: true,
    defaultResource: () => resource,
    getResourceServerInfo(_ctx: KoaContextWithOIDC, identifier: string) {
      if (identifier !== resource) throw new errors.InvalidTarget(`the only resource here is ${resource}`);
      return { scope: scopes.names.join(" "), audience: resource, accessTokenFormat: "jwt" as const };
    },
  };
}

/** Every request waits for our page, which signs the person in and asks; only its result lets a request pass. */
function waitForConsent({ errors, interactionPolicy }: typeof Library, { scopes }: ConfigurationDeps) {
  const { Check, Prompt } = interactionPolicy;
  const check = new Check("not_decided", "a person has to decide", "interaction_required", ({ oidc }) => {
    const requested = [...oidc.requestParamScopes];
    if (!requested.some((scope) => scopes.names.includes(scope)))
      throw new errors.InvalidScope(`none of these scopes exists here; there are ${scopes.names.join(", ")}`, requested.join(" "));
    return oidc.result?.consent?.grantId === undefined;
  });
  // Our page shows who is signed in and always asks, so it answers every prompt that a client may request.
  const others = ["login", "select_account"].map((name) => new Prompt({ name, requestable: true }));
  return [new Prompt({ name: "consent", requestable: true }, check), ...others];
}

async function findAccount({ store }: ConfigurationDeps, id: string) {
  const row = await store.db.selectFrom("account").select("disabled_at").where("id", "=", id).executeTakeFirst();
  return row === undefined || row.disabled_at !== null ? undefined : { accountId: id, claims: () => ({ sub: id }) };
}
