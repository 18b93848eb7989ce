import type { Clock } from "../../../lib/clock.ts";
import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import { createId } from "../../../lib/id.ts";
import type { Limiter } from "../../../lib/limiter.ts";
import { networkOf } from "../../../lib/public-address.ts";
import { createSecret } from "../../../lib/secret.ts";
import type { ClientRow, Store } from "../../../store/index.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import type { EventSink } from "../../events.ts";
import { OAuthError } from "../../oauth-error.ts";
import type { SecretHasher } from "../keys/index.ts";
import { isRecord } from "../../../lib/is-record.ts";
import { loadKeys } from "./client-directory.ts";
import { parseClientMetadata, refuseMetadata, type MetadataRules, type ParsedMetadata } from "./client-metadata.ts";
import { redirectHost } from "./redirect-uris.ts";

export interface RegistrationDeps {
  readonly store: Pick<Store, "clients">;
  readonly secrets: SecretHasher;
  readonly scopes: ScopeCatalogue;
  readonly fetch: GuardedFetch;
  readonly now: Clock;
  readonly onEvent: EventSink;
  readonly isEnabled: boolean;
  /** How many clients that registered themselves are kept at most. */
  readonly maxClients: number;
  /** How many registrations one network may try. */
  readonly limiter: Limiter;
}

const RULES: MetadataRules = {
  moreGrants: [],
  authMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
  defaultAuthMethod: () => "client_secret_basic",
};
const HOUR_MS = 3_600_000;
const IDLE_MS = 90 * 24 * HOUR_MS;
const FULL_RETRY_SECONDS = 3600;
const UNNAMED = "Unnamed client";

/**
 * Registers a client that asks for it (RFC 7591 §3) and gives the answer's members. It gets nothing but the possibility to ask a person: no
 * scopes, policy or grants of its own. Throws OAuthError. The secret is in the answer and nowhere else.
 */
export async function registerClient(
  deps: RegistrationDeps,
  body: unknown,
  address: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (!deps.isEnabled)
    throw new OAuthError(
      "access_denied",
      "clients cannot register themselves here; use a client ID metadata document or ask the operator",
      403,
    );
  const seconds = deps.limiter.take(address === undefined ? "" : networkOf(address));
  if (seconds > 0) throw busy(`register again in ${seconds} s`, 429, seconds);
  if (isRecord(body) && (body.software_statement ?? null) !== null)
    throw new OAuthError("unapproved_software_statement", "software_statement: nobody's statements are trusted here; leave it out");
  const parsed = parseClientMetadata(body, RULES);
  await checkPublishedKeys(deps, parsed);
  await makeRoom(deps);
  const { row, secret } = createRow(deps, parsed);
  const { redirect_uris: redirectUris } = parsed.metadata;
  await deps.onEvent({
    event: "client_registered",
    clientId: row.id,
    name: row.name,
    redirectHosts: [...new Set(redirectUris.map(redirectHost))],
    address: address ?? null,
  });
  await deps.store.clients.create(row);
  return answer(deps, { row, secret, parsed });
}

function busy(description: string, status: number, seconds: number): OAuthError {
  return new OAuthError("temporarily_unavailable", description, { status, headers: { "retry-after": String(seconds) } });
}

/** Keys elsewhere are looked at now too, so that a client with bad ones hears of it here and not when it wants a token. */
async function checkPublishedKeys(deps: RegistrationDeps, { metadata }: ParsedMetadata): Promise<void> {
  if (metadata.token_endpoint_auth_method !== "private_key_jwt" || metadata.jwks_uri === undefined) return;
  await loadKeys(deps.fetch, metadata.jwks_uri, deps.now()).catch(() => {
    throw refuseMetadata("jwks_uri", "is not the public address of a JWK Set with sound public keys");
  });
}

/** Whoever registers many clients to keep others out loses them after an hour, when there is no room left. */
async function makeRoom({ store: { clients }, maxClients, now }: RegistrationDeps): Promise<void> {
  if ((await clients.countRegistered()) < maxClients) return;
  await clients.sweepRegistered(now() - HOUR_MS, now() - IDLE_MS);
  if ((await clients.countRegistered()) < maxClients) return;
  throw busy("too many clients are registered; ask the operator of the server for one", 503, FULL_RETRY_SECONDS);
}

function createRow(
  { secrets, now }: RegistrationDeps,
  { name, metadata, jwks }: ParsedMetadata,
): { readonly row: ClientRow; readonly secret: string | undefined } {
  const method = metadata.token_endpoint_auth_method;
  const authMethod = method === "none" || method === "private_key_jwt" ? method : "client_secret";
  const secret = authMethod === "client_secret" ? createSecret() : undefined;
  const row: ClientRow = {
    id: createId("cl"),
    kind: "registered",
    workspace_id: null,
    name: name === "" ? UNNAMED : name,
    auth_method: authMethod,
    secret_hash: secret === undefined ? null : secrets.hash(secret),
    jwks,
    scopes: null,
    grant_id: null,
    metadata: JSON.stringify(metadata),
    may_introspect: 0,
    created_by: null,
    challenge: "http",
    created_at: now(),
    used_at: null,
    disabled_at: null,
  };
  return { row, secret };
}

interface Registered {
  readonly row: ClientRow;
  readonly secret: string | undefined;
  readonly parsed: ParsedMetadata;
}

function answer({ scopes }: RegistrationDeps, { row, secret, parsed }: Registered): Readonly<Record<string, unknown>> {
  const { scope, metadata } = parsed;
  return {
    client_id: row.id,
    client_id_issued_at: Math.floor(row.created_at / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    client_name: row.name,
    ...metadata,
    ...(row.jwks === null ? {} : { jwks: JSON.parse(row.jwks) as unknown }),
    ...(scope === undefined ? {} : { scope: scopes.parse(scope).granted.join(" ") }),
  };
}
