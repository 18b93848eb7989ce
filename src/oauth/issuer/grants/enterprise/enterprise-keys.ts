import { createRemoteKeys, type RemoteKeys } from "../../../remote-keys/index.ts";
import type { EnterpriseIssuer, GrantDeps } from "../grant-deps.ts";

const known = new WeakMap<EnterpriseIssuer, RemoteKeys>();

/** The one key source of a configured provider, so that all requests share what was read. */
export function enterpriseKeys(deps: Pick<GrantDeps, "fetch" | "now">, enterprise: EnterpriseIssuer): RemoteKeys {
  const keys = known.get(enterprise) ?? createRemoteKeys({ ...enterprise, fetch: deps.fetch, now: deps.now });
  known.set(enterprise, keys);
  return keys;
}
