import type { Configuration, CustomFetch } from "openid-client";
import type { Clock } from "../../../lib/clock.ts";
import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import type { ExternalProvider } from "../people-deps.ts";

const METADATA_LIFE_MS = 3_600_000;
const SCOPE = "openid email";

/** The secrets of one sign-in, each good for it alone. */
export interface ExternalSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636). */
  readonly verifier: string;
}

export interface ProviderIdentity {
  readonly subject: string;
  verifiedEmail(): Promise<string | undefined>;
}

export interface ProviderClient {
  authorizationUrl(secrets: ExternalSecrets): Promise<string>;
  /** Who signed in, from the query of the address that the browser came back with. Rejects when anything is off. */
  redeem(query: string, secrets: ExternalSecrets): Promise<ProviderIdentity>;
}

export interface ProviderOptions {
  readonly provider: ExternalProvider;
  readonly redirectUri: string;
  readonly fetch: GuardedFetch;
  readonly now: Clock;
}

/** The protocol with an OpenID Connect provider: code flow with PKCE, state, nonce and `iss` (RFC 9207), and a signed ID token. */
export function createProviderClient(options: ProviderOptions): ProviderClient {
  const configuration = keepFresh(options);
  return {
    async authorizationUrl({ state, nonce, verifier }) {
      const client = await import("openid-client");
      const challenge = { code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" };
      const parameters = { redirect_uri: options.redirectUri, scope: SCOPE, state, nonce, ...challenge };
      return client.buildAuthorizationUrl(await configuration(), parameters).href;
    },
    async redeem(query, { state, nonce, verifier }) {
      const client = await import("openid-client");
      const config = await configuration();
      // The address is built from the setting, whatever Host header the request had.
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await client.authorizationCodeGrant(config, new URL(query, options.redirectUri), checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("the provider sent no ID token");
      return {
        subject: claims.sub,
        async verifiedEmail() {
          if (claims["email"] !== undefined || config.serverMetadata().userinfo_endpoint === undefined) return verifiedEmailOf(claims);
          return verifiedEmailOf(await client.fetchUserInfo(config, tokens.access_token, claims.sub));
        },
      };
    },
  };
}

function verifiedEmailOf(claims: { readonly [name: string]: unknown }): string | undefined {
  return claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"] : undefined;
}

/** The provider's metadata, fetched when first needed and again when it is old. */
function keepFresh(options: ProviderOptions): () => Promise<Configuration> {
  let present: { readonly until: number; readonly configuration: Promise<Configuration> } | undefined;
  return () => {
    if (present !== undefined && present.until > options.now()) return present.configuration;
    const made = { until: options.now() + METADATA_LIFE_MS, configuration: discover(options) };
    present = made;
    // What failed is tried again by the next one who asks.
    made.configuration.catch(() => {
      if (present === made) present = undefined;
    });
    return made.configuration;
  };
}

async function discover(options: ProviderOptions): Promise<Configuration> {
  const client = await import("openid-client");
  const { provider } = options;
  const server = new URL(provider.issuer);
  const authenticate: ReturnType<typeof client.ClientSecretBasic> = (metadata, ...rest) => {
    const offered = metadata.token_endpoint_auth_methods_supported;
    const isPostOnly = offered !== undefined && offered.includes("client_secret_post") && !offered.includes("client_secret_basic");
    const method = isPostOnly ? client.ClientSecretPost : client.ClientSecretBasic;
    method(provider.clientSecret)(metadata, ...rest);
  };
  return client.discovery(server, provider.clientId, undefined, authenticate, {
    [client.customFetch]: guard(options.fetch),
    // The guarded fetch lets http through only to hosts that the operator named.
    execute: [client.enableNonRepudiationChecks, ...(server.protocol === "http:" ? [client.allowInsecureRequests] : [])],
  });
}

/** The one guarded way out, in the form of the Fetch API. */
function guard(guarded: GuardedFetch): CustomFetch {
  return async (url, { method, headers, body }) => {
    if (method !== "GET" && method !== "POST") throw new TypeError("only GET and POST are used with a provider");
    const text = body instanceof URLSearchParams ? body.toString() : body;
    if (text !== undefined && text !== null && typeof text !== "string") throw new TypeError("only text is sent to a provider");
    const answer = await guarded(url, {
      method,
      headers,
      ...(text === undefined || text === null ? {} : { body: text }),
      maxBodyBytes: 262_144,
    });
    const isEmpty = answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : answer.text, { status: answer.status, headers: answer.headers });
  };
}
