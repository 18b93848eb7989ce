import type { Adapter } from "oidc-provider";
import type { Clock } from "../../../lib/clock.ts";
import type { Store } from "../../../store/index.ts";

/** Grants as the engine sees them: our rows, which it can neither write nor delete. */
export function createGrantAdapter({
  store,
  resource,
  now,
}: {
  readonly store: Pick<Store, "grants">;
  readonly resource: string;
  readonly now: Clock;
}): Adapter {
  const refuse = (): never => {
    throw new Error("Grants are not made through the engine.");
  };
  return {
    async find(id) {
      const row = await store.grants.find(id);
      if (row === undefined || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now())) return undefined;
      return { jti: row.id, kind: "Grant", accountId: row.subject, clientId: row.client_id, resources: { [resource]: row.scopes } };
    },
    upsert: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: async () => {},
    revokeByGrantId: async () => {},
  };
}
