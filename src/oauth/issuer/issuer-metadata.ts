import { DPOP_ALGS } from "../dpop/index.ts";

/** Where the endpoints are, below the issuer. The first three are also the places where old clients look when they find no metadata. */
export const AUTHORIZATION_PATH = "/authorize";
export const TOKEN_PATH = "/token";
export const REGISTRATION_PATH = "/register";
export const JWKS_PATH = "/jwks";
export const PAR_PATH = "/par";
export const DEVICE_AUTHORIZATION_PATH = "/device_authorization";
export const REVOCATION_PATH = "/revoke";
export const INTROSPECTION_PATH = "/introspect";
/** Where a person decides about an authorization request; below it, its id. */
export const INTERACTION_PATH = "/interaction";
/** Where a person enters the code of a device. */
export const DEVICE_PATH = "/device";

export const CLIENT_AUTH_METHODS = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const;

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

const ID_JAG = "urn:ietf:params:oauth:grant-profile:id-jag";

export interface MetadataOptions {
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  readonly hasRegistration: boolean;
  readonly hasEnterprise: boolean;
}

/** Authorization server metadata as JSON (RFC 8414 §2), built from the settings and nothing that a request carries. */
export function createIssuerMetadata({ issuer, scopes, grantTypes, hasRegistration, hasEnterprise }: MetadataOptions): string {
  const authentication = {
    endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
  };
  return JSON.stringify({
    issuer,
    authorization_endpoint: issuer + AUTHORIZATION_PATH,
    token_endpoint: issuer + TOKEN_PATH,
    ...(hasRegistration ? { registration_endpoint: issuer + REGISTRATION_PATH } : {}),
    jwks_uri: issuer + JWKS_PATH,
    revocation_endpoint: issuer + REVOCATION_PATH,
    introspection_endpoint: issuer + INTROSPECTION_PATH,
    pushed_authorization_request_endpoint: issuer + PAR_PATH,
    device_authorization_endpoint: issuer + DEVICE_AUTHORIZATION_PATH,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: grantTypes,
    ...prefixed("token", authentication),
    ...prefixed("revocation", authentication),
    ...prefixed("introspection", authentication),
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    dpop_signing_alg_values_supported: DPOP_ALGS,
    ...(hasEnterprise ? { authorization_grant_profiles_supported: [ID_JAG] } : {}),
  });
}

function prefixed(endpoint: string, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${endpoint}_${name}`, value]));
}
