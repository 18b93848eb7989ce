import type * as Library from "oidc-provider";
import type { Adapter } from "oidc-provider";
import { createSecret } from "../../../lib/secret.ts";
import type { ClientRow } from "../../../store/index.ts";
import { toEngineMetadata, type ClientDirectory } from "../clients/index.ts";
import type { SecretHasher } from "../keys/index.ts";
import { AUTHORIZATION_PATH } from "../issuer-metadata.ts";
import { factsOf } from "./engine-request.ts";

/** No client has this id, so that it can stand for all that do not exist. */
export const NO_CLIENT_ID = "cl_none";

/**
 * Clients as the engine sees them, derived from their rows at each request. Where clients authenticate, one that does not exist or is
 * disabled looks like one whose secret nobody knows, so that it is refused on the same path, in the same words, as a wrong secret.
 */
export function createClientAdapter(
  { Provider }: Pick<typeof Library, "Provider">,
  { directory, secrets }: { readonly directory: ClientDirectory; readonly secrets: SecretHasher },
): Adapter {
  const nobody = createNobody(secrets);
  const refuseWrite = (): never => {
    throw new Error("Clients are not made through the engine.");
  };
  return {
    async find(id) {
      const ctx = Provider.ctx;
      const facts = ctx === undefined ? undefined : factsOf(ctx.req);
      const row = await directory.find(id, facts?.address);
      if (row === undefined) return ctx?.path.startsWith(AUTHORIZATION_PATH) === true ? undefined : toEngineMetadata(nobody);
      if (facts !== undefined) facts.client = row;
      return toEngineMetadata(row);
    },
    upsert: refuseWrite,
    findByUid: refuseWrite,
    findByUserCode: refuseWrite,
    consume: refuseWrite,
    destroy: refuseWrite,
    revokeByGrantId: refuseWrite,
  };
}

/** Like the row of an agent in all that takes time, so that a refusal does not tell by its own whether there is such a client. */
function createNobody(secrets: SecretHasher): ClientRow {
  return {
    id: NO_CLIENT_ID,
    kind: "operator",
    workspace_id: null,
    name: "Nobody",
    auth_method: "client_secret",
    secret_hash: secrets.hash(createSecret()),
    jwks: null,
    scopes: "",
    grant_id: null,
    metadata: "{}",
    may_introspect: 0,
    created_by: null,
    challenge: "http",
    created_at: 0,
    used_at: null,
    disabled_at: null,
  };
}
