import type { Clock } from "../../../lib/clock.ts";
import { FetchRefusedError, type GuardedFetch } from "../../../lib/guarded-fetch.ts";
import type { Log } from "../../../lib/log.ts";
import type { ClientRow, Store } from "../../../store/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import { checkClientKeys } from "../keys/index.ts";
import { isDocumentId, parseClientDocument } from "./client-document.ts";
import type { ParsedMetadata } from "./client-metadata.ts";
import { readMetadata } from "./engine-metadata.ts";
import { createFetchBudget } from "./fetch-budget.ts";
import { createOutsideCache, type Fetched } from "./outside-cache.ts";
import { fetchOutsideJson, UnusableError } from "./outside-json.ts";

export interface DirectoryDeps {
  readonly store: Pick<Store, "clients">;
  readonly fetch: GuardedFetch;
  readonly now: Clock;
  readonly log: Log;
}

export interface ClientDirectory {
  /**
   * The client, with its keys when it signs assertions; undefined when it is unknown or disabled, when its document or its keys cannot be used, and
   * when too much was fetched for this address (of the connection), for that host or in all. A document client is what its document says; a
   * stored row adds policy and whether it is disabled.
   */
  find(id: string, address?: string): Promise<ClientRow | undefined>;
}

const MAX_DOCUMENT_BYTES = 5 * 1024;
const MAX_KEYS_BYTES = 64 * 1024;

export function createClientDirectory({ store, now, log, ...deps }: DirectoryDeps): ClientDirectory {
  const shared = { now, admits: createFetchBudget(now), onUnusable: (url: string, error: unknown) => logUnusable(log, url, error) };
  const documents = createOutsideCache({ ...shared, load: (url) => loadDocument(deps.fetch, url, now()) });
  const keys = createOutsideCache({ ...shared, load: (url) => loadKeys(deps.fetch, url, now()) });

  async function withKeys(row: ClientRow, address: string | undefined): Promise<ClientRow | undefined> {
    if (row.auth_method !== "private_key_jwt" || row.jwks !== null) return row;
    const { jwks_uri: uri } = readMetadata(row.metadata);
    const jwks = typeof uri === "string" ? await keys.get(uri, address) : undefined;
    return jwks === undefined ? undefined : { ...row, jwks };
  }

  return {
    async find(id, address) {
      const isDocument = isDocumentId(id);
      const stored = await store.clients.find(id);
      if ((stored?.disabled_at ?? null) !== null) return undefined;
      if (!isDocument) return stored === undefined ? undefined : withKeys(stored, address);
      const document = await documents.get(id, address);
      return document === undefined ? undefined : withKeys(toRow({ id, stored, nowMs: now() }, document), address);
    },
  };
}

async function loadDocument(get: GuardedFetch, url: string, nowMs: number): Promise<Fetched<ParsedMetadata>> {
  const { value, freshForMs } = await fetchOutsideJson(get, url, { maxBytes: MAX_DOCUMENT_BYTES, nowMs });
  return { value: parseClientDocument(url, value), freshForMs };
}

/** Fetches and checks the keys that a client publishes. Rejects when they cannot be used. */
export async function loadKeys(get: GuardedFetch, url: string, nowMs: number): Promise<Fetched<string>> {
  const { value, freshForMs } = await fetchOutsideJson(get, url, { maxBytes: MAX_KEYS_BYTES, nowMs });
  const checked = checkClientKeys(value);
  if ("problems" in checked) throw new UnusableError(checked.problems.join("; "));
  return { value: checked.jwks, freshForMs };
}

interface DocumentSource {
  readonly id: string;
  readonly stored: ClientRow | undefined;
  readonly nowMs: number;
}

function toRow({ id, stored, nowMs }: DocumentSource, { name, metadata, jwks }: ParsedMetadata): ClientRow {
  const method = metadata.token_endpoint_auth_method;
  return {
    id,
    kind: "document",
    workspace_id: null,
    name,
    auth_method: method === "private_key_jwt" ? method : "none",
    secret_hash: null,
    jwks,
    scopes: stored?.scopes ?? null,
    grant_id: null,
    metadata: JSON.stringify(metadata),
    may_introspect: 0,
    created_by: null,
    challenge: stored?.challenge ?? "http",
    created_at: stored?.created_at ?? nowMs,
    used_at: stored?.used_at ?? null,
    disabled_at: null,
  };
}

function logUnusable(log: Log, url: string, error: unknown): void {
  const { host } = new URL(url);
  if (error instanceof FetchRefusedError) log.info({ host, reason: error.reason }, "a client's document was not fetched");
  else if (error instanceof OAuthError || error instanceof UnusableError)
    log.info({ host, problem: error.message }, "a client's document cannot be used");
  else log.error({ host, err: error }, "a client's document");
}
