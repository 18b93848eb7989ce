import type { Adapter, AdapterFactory, AdapterPayload, errors as engineErrors } from "oidc-provider";
import type { Clock } from "../../../lib/clock.ts";
import { deriveKey, prepareKey, seal, sha256Hex, unseal } from "../../../lib/secret.ts";
import type { OidcPayloadRow, OidcPayloadStore, Store } from "../../../store/index.ts";
import { createGrantAdapter } from "./grant-adapter.ts";

export interface AdapterDeps {
  readonly store: Pick<Store, "grants" | "oidcPayloads">;
  readonly resource: string;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly errors: Pick<typeof engineErrors, "InvalidClientAuth" | "InvalidGrant" | "InvalidRequestUri" | "SessionNotFound">;
}

/**
 * The engine's storage. The engine looks first and writes then, so what may happen only once is decided here, by the store: of any
 * number of parallel uses one succeeds. Ids are kept as digests; what can be presented as a credential cannot be read from the rows.
 */
export function createAdapterFactory(deps: AdapterDeps, clients: Adapter): AdapterFactory {
  const grants = createGrantAdapter(deps);
  return (model) => {
    if (model === "Client") return clients;
    return model === "Grant" ? grants : createPayloadAdapter(model, deps);
  };
}

const PUSHED = "PushedAuthorizationRequest";

function createPayloadAdapter(model: string, { store: { oidcPayloads }, masterKey, now, errors }: AdapterDeps): Adapter {
  const idKey = prepareKey(deriveKey(masterKey, "engine-id"));

  function toRow(id: string, { jti: _id, ...payload }: AdapterPayload, ttlSeconds: number | undefined): OidcPayloadRow {
    const { uid, userCode, grantId } = payload;
    // Who finds a row by something else than its id needs the id back.
    const sealed = {
      ...(uid === undefined && userCode === undefined ? {} : { jti: seal(idKey, id, model) }),
      // An interaction names the pushed request it came from, whose id lets anybody go on with that.
      ...(typeof payload["parJti"] === "string" ? { parJti: seal(idKey, payload["parJti"], PUSHED) } : {}),
    };
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
    if (model === "Interaction" && row.consumed_at !== null) return undefined;
    const payload = JSON.parse(row.payload) as AdapterPayload;
    const jti = id ?? (payload.jti === undefined ? undefined : unseal(idKey, payload.jti, model));
    const pushed = typeof payload["parJti"] === "string" ? { parJti: unseal(idKey, payload["parJti"], PUSHED) } : {};
    return { ...payload, jti, ...pushed, ...(row.consumed_at === null ? {} : { consumed: Math.floor(row.consumed_at / 1000) }) };
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
      if (!(await oidcPayloads.consume(model, sha256Hex(id), now())))
        throw model === PUSHED ? new errors.InvalidRequestUri("used before") : new errors.InvalidGrant("used before");
    },
    async destroy(id) {
      if (model !== "Interaction") return oidcPayloads.destroy(model, sha256Hex(id));
      // A decision leads to one code: of any number of parallel returns one goes on.
      if (!(await oidcPayloads.consume(model, sha256Hex(id), now()))) throw new errors.SessionNotFound("decided before");
    },
    revokeByGrantId: (grantId) => revokeByGrant(oidcPayloads, grantId),
  };
}

async function revokeByGrant(payloads: OidcPayloadStore, grantId: string): Promise<void> {
  await payloads.destroyByGrant(grantId);
}
