import { isRecord } from "../../../lib/is-record.ts";
import type { ClientRow } from "../../../store/index.ts";
import { INTERNAL_GRANTS } from "../internal-grants.ts";
import { AUTHORIZATION_CODE, CLIENT_CREDENTIALS, DEVICE_CODE, JWT_BEARER, REFRESH_TOKEN, TOKEN_EXCHANGE } from "./client-metadata.ts";
import { isPrivateUseRedirect } from "./redirect-uris.ts";

const ENGINE_AUTH_METHODS = {
  none: "none",
  client_secret: "client_secret_basic",
  private_key_jwt: "private_key_jwt",
} as const satisfies Record<ClientRow["auth_method"], string>;

/**
 * A client as the engine knows it, made from its row alone. Which grants it may use follows from how it became a client, not from what it says:
 * only an operator's has power of its own. The engine never fetches keys, so there is no `jwks_uri`; the "secret" is the hash of the secret.
 */
export function toEngineMetadata(row: ClientRow): EngineClient {
  const said = readMetadata(row.metadata);
  const redirectUris = stringsOf(said.redirect_uris);
  const hasCode = redirectUris.length > 0;
  return {
    client_id: row.id,
    client_name: row.name,
    redirect_uris: redirectUris,
    response_types: hasCode ? ["code"] : [],
    grant_types: [...grantsOf(row, hasCode, stringsOf(said.grant_types)), ...INTERNAL_GRANTS],
    // For the engine only apps have private-use schemes; its other rules for the two types are replaced by isRedirectUriAllowed.
    application_type: redirectUris.some(isPrivateUseRedirect) ? "native" : "web",
    token_endpoint_auth_method: ENGINE_AUTH_METHODS[row.auth_method],
    ...(row.secret_hash === null ? {} : { client_secret: row.secret_hash }),
    ...(row.jwks === null ? {} : { jwks: JSON.parse(row.jwks) as { keys: Record<string, unknown>[] } }),
  };
}

export interface EngineClient {
  readonly [member: string]: unknown;
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: string[];
  readonly response_types: "code"[];
  readonly grant_types: string[];
  readonly application_type: "native" | "web";
  readonly token_endpoint_auth_method: (typeof ENGINE_AUTH_METHODS)[ClientRow["auth_method"]];
  readonly client_secret?: string;
  readonly jwks?: { keys: Record<string, unknown>[] };
}

function grantsOf({ kind, auth_method: authMethod }: ClientRow, hasCode: boolean, said: readonly string[]): readonly string[] {
  const withPerson = [...(hasCode ? [AUTHORIZATION_CODE] : []), REFRESH_TOKEN, DEVICE_CODE];
  const isConfidential = authMethod !== "none";
  if (kind === "operator") {
    // What people sign in with acts for them, and has no power beside theirs.
    const alone = hasCode ? [TOKEN_EXCHANGE, JWT_BEARER] : [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER];
    return [...withPerson, ...(isConfidential ? alone : [])];
  }
  // An identity provider that the operator trusts vouches for the person, and the client proves that it is the one meant.
  const vouched = kind === "document" && isConfidential ? [JWT_BEARER] : [];
  return [...withPerson.filter((grant) => said.includes(grant)), ...vouched];
}

export function readMetadata(json: string): Readonly<Record<string, unknown>> {
  const metadata: unknown = JSON.parse(json);
  return isRecord(metadata) ? metadata : {};
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}
