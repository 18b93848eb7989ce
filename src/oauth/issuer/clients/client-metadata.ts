import { z } from "zod";
import { OAuthError } from "../../oauth-error.ts";
import { checkClientKeys } from "../keys/index.ts";
import { cleanClientName } from "./client-name.ts";
import { checkRedirectUri, isLoopbackRedirect, isPrivateUseRedirect } from "./redirect-uris.ts";

export const AUTHORIZATION_CODE = "authorization_code";
export const CLIENT_CREDENTIALS = "client_credentials";
export const REFRESH_TOKEN = "refresh_token";
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

export type AuthMethod = "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** What is kept of what a client says about itself (RFC 7591 §2), as JSON in its row. */
export interface ClientMetadata {
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly application_type: "native" | "web";
  readonly token_endpoint_auth_method: AuthMethod;
  readonly jwks_uri?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly policy_uri?: string;
  readonly tos_uri?: string;
  readonly software_id?: string;
  readonly software_version?: string;
}

/** How a client made itself known decides what it may be. */
export interface MetadataRules {
  /** Beyond those with which a person takes part. */
  readonly moreGrants: readonly string[];
  readonly authMethods: readonly AuthMethod[];
  /** For a client that names none. */
  defaultAuthMethod(hasKeys: boolean): AuthMethod;
}

export interface ParsedMetadata {
  /** As it is shown to people; empty when the client gave none. */
  readonly name: string;
  readonly metadata: ClientMetadata;
  /** JWK Set as JSON, checked; null when there is none or it is elsewhere. */
  readonly jwks: string | null;
  /** As the client wrote it. */
  readonly scope: string | undefined;
}

const MAX_REDIRECT_URIS = 20;
const MAX_URI_CHARS = 2048;
const MAX_SOFTWARE_CHARS = 128;
const WITH_A_PERSON: readonly string[] = [AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE];

const list = z.array(z.string()).optional();
/** What is only shown never makes a client fail. */
const shown = z.string().optional().catch(undefined);

const SHAPE = z.object({
  redirect_uris: list,
  grant_types: list,
  response_types: list,
  application_type: shown,
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: list,
  jwks: z.record(z.string(), z.unknown()).optional(),
  jwks_uri: z.string().optional(),
  scope: z.string().optional(),
  client_name: shown,
  client_uri: shown,
  logo_uri: shown,
  policy_uri: shown,
  tos_uri: shown,
  software_id: shown,
  software_version: shown,
});
type Shape = z.infer<typeof SHAPE>;

/**
 * Reads what a client says about itself and keeps what this server lets such a client have. Policy in it (scopes, lifetimes, resources) means
 * nothing and is not kept. Throws OAuthError with the code of RFC 7591 §3.2.2 and the member that is wrong.
 */
export function parseClientMetadata(value: unknown, rules: MetadataRules): ParsedMetadata {
  const shape = readShape(value);
  const grantTypes = chooseGrants(shape.grant_types, rules.moreGrants);
  const redirectUris = checkRedirectUris(shape.redirect_uris ?? [], grantTypes);
  checkResponseTypes(shape.response_types, grantTypes);
  const metadata: ClientMetadata = {
    redirect_uris: redirectUris,
    grant_types: grantTypes,
    response_types: grantTypes.includes(AUTHORIZATION_CODE) ? ["code"] : [],
    application_type: applicationType(shape.application_type, redirectUris),
    token_endpoint_auth_method: chooseAuthMethod(shape, rules),
    ...pickShown(shape),
    ...(shape.jwks_uri === undefined ? {} : { jwks_uri: checkKeysUri(shape) }),
  };
  return { name: cleanClientName(shape.client_name ?? ""), metadata, jwks: readKeys(shape.jwks), scope: shape.scope };
}

export function refuseMetadata(member: string, problem: string): OAuthError {
  return new OAuthError(member === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata", `${member}: ${problem}`);
}

/** Some clients write null for what they do not have. */
function readShape(value: unknown): Shape {
  const given = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (given === undefined) throw new OAuthError("invalid_client_metadata", "send a JSON object with the client's metadata (RFC 7591 §2)");
  const parsed = SHAPE.safeParse(Object.fromEntries(given.filter(([, member]) => member !== null)));
  if (parsed.success) return parsed.data;
  throw refuseMetadata(String(parsed.error.issues[0]?.path[0]), "is not of the type that RFC 7591 §2 gives it");
}

function chooseGrants(given: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  if (given === undefined) return [AUTHORIZATION_CODE, REFRESH_TOKEN];
  const allowed = [...WITH_A_PERSON, ...more];
  const kept = allowed.filter((grant) => given.includes(grant));
  if (kept.some((grant) => grant !== REFRESH_TOKEN)) return kept;
  throw refuseMetadata(
    "grant_types",
    `such clients can use ${allowed.join(", ")}; ask the operator of the server for a client that needs another`,
  );
}

function checkRedirectUris(uris: readonly string[], grantTypes: readonly string[]): readonly string[] {
  if (uris.length === 0 && grantTypes.includes(AUTHORIZATION_CODE)) throw refuseMetadata("redirect_uris", "give at least one");
  if (uris.length > MAX_REDIRECT_URIS) throw refuseMetadata("redirect_uris", `give at most ${MAX_REDIRECT_URIS}, not ${uris.length}`);
  const problem = redirectUriProblem(uris);
  if (problem !== undefined) throw refuseMetadata("redirect_uris", problem);
  return [...new Set(uris)];
}

/** What is wrong with a set of redirect URIs, or undefined. */
export function redirectUriProblem(uris: readonly string[]): string | undefined {
  for (const [i, uri] of uris.entries()) {
    const problem = checkRedirectUri(uri);
    if (problem !== undefined) return `number ${i + 1} ${problem}`;
  }
  // The engine takes the two for different types of application, of which a client can have only one.
  const isSplit = uris.some(isPrivateUseRedirect) && uris.some((uri) => uri.startsWith("https:") && isLoopbackRedirect(uri));
  return isSplit ? "a scheme of an app and https on localhost do not go together; use http on localhost" : undefined;
}

function checkResponseTypes(given: readonly string[] | undefined, grantTypes: readonly string[]): void {
  if (given === undefined || given.includes("code") || !grantTypes.includes(AUTHORIZATION_CODE)) return;
  throw refuseMetadata("response_types", 'the only response type is "code"');
}

/** By what its redirect URIs are, as many clients leave the type out or register both kinds at once. */
function applicationType(given: string | undefined, uris: readonly string[]): "native" | "web" {
  return given === "native" || uris.some((uri) => isPrivateUseRedirect(uri) || isLoopbackRedirect(uri)) ? "native" : "web";
}

/** The one it names, else the first that it offers beside (ChatGPT names one and offers others). */
function chooseAuthMethod(shape: Shape, { authMethods, defaultAuthMethod }: MetadataRules): AuthMethod {
  const { token_endpoint_auth_method: named, token_endpoint_auth_methods_supported: offered = [] } = shape;
  const hasKeys = shape.jwks !== undefined || shape.jwks_uri !== undefined;
  const wanted = [...(named === undefined ? [] : [named]), ...offered];
  if (wanted.length === 0) return defaultAuthMethod(hasKeys);
  const usable = authMethods.filter((method) => method !== "private_key_jwt" || hasKeys);
  const chosen = wanted.map((method) => usable.find((one) => one === method)).find((method) => method !== undefined);
  if (chosen !== undefined) return chosen;
  const problem = wanted.includes("private_key_jwt") ? "private_key_jwt needs jwks or jwks_uri" : `use one of ${authMethods.join(", ")}`;
  throw refuseMetadata("token_endpoint_auth_method", problem);
}

function checkKeysUri({ jwks, jwks_uri: uri = "" }: Shape): string {
  if (jwks !== undefined) throw refuseMetadata("jwks_uri", "give jwks or jwks_uri, not both");
  if (!isWebAddress(uri)) throw refuseMetadata("jwks_uri", "is no https URL without user name and fragment");
  return uri;
}

function readKeys(jwks: unknown): string | null {
  if (jwks === undefined) return null;
  const keys = checkClientKeys(jwks);
  if ("problems" in keys) throw refuseMetadata("jwks", keys.problems.join("; "));
  return keys.jwks;
}

function pickShown(shape: Shape): Partial<ClientMetadata> {
  const uris = (["client_uri", "logo_uri", "policy_uri", "tos_uri"] as const).filter((member) => isWebAddress(shape[member] ?? ""));
  const texts = (["software_id", "software_version"] as const).filter((member) => isShortText(shape[member]));
  return Object.fromEntries([...uris, ...texts].map((member) => [member, shape[member]]));
}

function isShortText(text: string | undefined): boolean {
  return text !== undefined && text.length <= MAX_SOFTWARE_CHARS && /^[\x20-\x7e]+$/.test(text);
}

function isWebAddress(uri: string): boolean {
  const url = uri.length <= MAX_URI_CHARS ? URL.parse(uri) : null;
  return url?.protocol === "https:" && url.username === "" && url.password === "" && !uri.includes("#");
}
