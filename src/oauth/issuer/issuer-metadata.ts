/** Where the endpoints are, below the issuer. They are also the places where old clients look when they find no metadata. */
export const TOKEN_PATH = "/token";
export const JWKS_PATH = "/jwks";
export const AUTHORIZATION_PATH = "/authorize";

export const CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"] as const;

/** Algorithms of client assertions; asymmetric only. */
export const ASSERTION_ALGS = [
  "ES256",
  "ES384",
  "ES512",
  "Ed25519",
  "EdDSA",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const;

/**
 * Authorization server metadata as JSON (RFC 8414 §2), built from the issuer and nothing that a request carries. The
 * authorization endpoint and the response type `code` are named although that endpoint refuses every request as long as no grant uses it:
 * MCP clients refuse metadata without them, also those that then ask for client credentials.
 */
export function createIssuerMetadata(issuer: string, scopes: readonly string[]): string {
  return JSON.stringify({
    issuer,
    authorization_endpoint: issuer + AUTHORIZATION_PATH,
    token_endpoint: issuer + TOKEN_PATH,
    jwks_uri: issuer + JWKS_PATH,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
  });
}
