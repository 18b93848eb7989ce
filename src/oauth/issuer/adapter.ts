import type { Adapter, AdapterFactory, AdapterPayload, errors as engineErrors } from "oidc-provider";
import type { Clock } from "../../lib/clock.ts";
import { createSecret, deriveKey, seal, sha256Hex, unseal } from "../../lib/secret.ts";
import type { ClientRow, OidcPayloadRow, OidcPayloadStore, Store } from "../../store/index.ts";
import type { SecretHasher } from "./client-secrets.ts";

export interface AdapterDeps {
  readonly store: Pick<Store, "clients" | "oidcPayloads">;
  readonly secrets: SecretHasher;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly errors: Pick<typeof engineErrors, "InvalidClientAuth" | "InvalidGrant">;
}

/**
 * The engine's storage. The engine looks first and writes then, so what may happen only once is decided here, by the store: of any
 * number of parallel uses one succeeds. Ids are kept as digests; what can be presented as a credential cannot be read from the rows.
 */
export function createAdapterFactory(deps: AdapterDeps): AdapterFactory {
  const clients = createClientAdapter(deps);
  return (model) => (model === "Client" ? clients : createPayloadAdapter(model, deps));
}

function createPayloadAdapter(model: string, { store: { oidcPayloads }, masterKey, now, errors }: AdapterDeps): Adapter {
  const idKey = deriveKey(masterKey, "engine-id");

  function toRow(id: string, { jti: _id, ...payload }: AdapterPayload, ttlSeconds: number | undefined): OidcPayloadRow {
    const { uid, userCode, grantId } = payload;
    // Who finds a row by something else than its id needs the id back.
    const sealed = uid === undefined && userCode === undefined ? {} : { jti: seal(idKey, id, model) };
    return {
      model,
      id_hash: sha256Hex(id),
      payload: JSON.stringify({ ...payload, ...sealed }),
      grant_id: grantId ?? null,
      uid: uid ?? null,
      user_code: userCode ?? null,
      consumed_at: null,
      expires_at: ttlSeconds === undefined ? null : now() + ttlSeconds * 1000,
    };
  }

  function fromRow(row: OidcPayloadRow | undefined, id?: string): AdapterPayload | undefined {
    if (row === undefined || (row.expires_at !== null && row.expires_at <= now())) return undefined;
    const payload = JSON.parse(row.payload) as AdapterPayload;
    const jti = id ?? (payload.jti === undefined ? undefined : unseal(idKey, payload.jti, model));
    return { ...payload, jti, ...(row.consumed_at === null ? {} : { consumed: Math.floor(row.consumed_at / 1000) }) };
  }

  return {
    async upsert(id, payload, ttlSeconds) {
      const row = toRow(id, payload, ttlSeconds);
      if (model !== "ReplayDetection") await oidcPayloads.upsert(row);
      else if (!(await oidcPayloads.insertIfAbsent(row, now()))) throw new errors.InvalidClientAuth("used before");
    },
    find: async (id) => fromRow(await oidcPayloads.find(model, sha256Hex(id)), id),
    findByUid: async (uid) => fromRow(await oidcPayloads.findByUid(model, uid)),
    findByUserCode: async (userCode) => fromRow(await oidcPayloads.findByUserCode(model, userCode)),
    async consume(id) {
      if (!(await oidcPayloads.consume(model, sha256Hex(id), now()))) throw new errors.InvalidGrant("used before");
    },
    destroy: (id) => oidcPayloads.destroy(model, sha256Hex(id)),
    revokeByGrantId: (grantId) => revokeByGrant(oidcPayloads, grantId),
  };
}

async function revokeByGrant(payloads: OidcPayloadStore, grantId: string): Promise<void> {
  await payloads.destroyByGrant(grantId);
}

/** No client has this id, so that it can stand for all that do not exist. */
export const NO_CLIENT_ID = "cl_none";

/**
 * Clients as the engine sees them, derived from their rows at each request. A client that does not exist or is disabled looks like one
 * whose secret nobody knows, so that it is refused on the same path, in the same words, as a wrong secret.
 */
function createClientAdapter({ store, secrets }: AdapterDeps): Adapter {
  const nobody = {
    ...SHARED_METADATA,
    client_id: NO_CLIENT_ID,
    token_endpoint_auth_method: "client_secret_basic" as const,
    client_secret: secrets.hash(createSecret()),
  };
  const refuseWrite = (): never => {
    throw new Error("Clients are made by operators, not through the engine.");
  };
  return {
    async find(id) {
      const row = await store.clients.find(id);
      return row === undefined || row.disabled_at !== null ? nobody : toMetadata(row);
    },
    upsert: refuseWrite,
    findByUid: refuseWrite,
    findByUserCode: refuseWrite,
    consume: refuseWrite,
    destroy: refuseWrite,
    revokeByGrantId: refuseWrite,
  };
}

const SHARED_METADATA = { grant_types: ["client_credentials"], response_types: [], redirect_uris: [] };

function toMetadata(row: ClientRow): AdapterPayload {
  const metadata = { ...SHARED_METADATA, client_id: row.id, client_name: row.name };
  if (row.jwks !== null)
    return {
      ...metadata,
      token_endpoint_auth_method: "private_key_jwt",
      jwks: JSON.parse(row.jwks) as NonNullable<AdapterPayload["jwks"]>,
    };
  // The engine calls it a secret; it is the hash.
  return { ...metadata, token_endpoint_auth_method: "client_secret_basic", client_secret: row.secret_hash ?? undefined };
}
