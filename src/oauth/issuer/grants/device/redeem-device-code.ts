import { sha256Hex } from "../../../../lib/secret.ts";
import type { DeviceRow } from "../../../../store/index.ts";
import { OAuthError } from "../../../oauth-error.ts";
import { checkResource } from "../check-resource.ts";
import type { GrantDeps, TokenAnswer, TokenRequest } from "../grant-deps.ts";
import { readApproved, startFamily } from "../start-family.ts";

const SLOW_DOWN_SECONDS = 5;
const FAMILY_CHARS = 32;

/** The grant `device_code` (RFC 8628 §3.4): a device asks until a person has decided; of any number of requests after that one gets the tokens. */
export async function redeemDeviceCode(deps: GrantDeps, { client, params, jkt }: TokenRequest): Promise<TokenAnswer> {
  const deviceCode = params["device_code"];
  if (deviceCode === undefined) throw new OAuthError("invalid_request", "send device_code");
  checkResource(deps, params["resource"]);
  const row = await deps.store.devices.find(sha256Hex(deviceCode));
  if (row === undefined || row.client_id !== client.id || row.state === "used")
    throw new OAuthError("invalid_grant", "the device code is unknown or used, or it belongs to another client");
  if (row.expires_at <= deps.now()) throw new OAuthError("expired_token", "nobody decided in time; begin again");
  if (row.state === "denied") throw new OAuthError("access_denied", "the person refused");
  if (row.state === "pending" || row.grant_id === null) throw await pendingError(deps, row);
  const authority = await readApproved(deps, row.grant_id, client);
  const familyId = `fam_${row.id_hash.slice(0, FAMILY_CHARS)}`;
  return startFamily(deps, { client, authority, familyId, scope: row.scopes, jkt }, () => deps.store.devices.use(row.id_hash));
}

/** Notes the poll. One that comes sooner than the interval makes the interval longer (RFC 8628 §3.5). */
async function pendingError({ store, now }: GrantDeps, { id_hash: id, interval_seconds: interval }: DeviceRow): Promise<OAuthError> {
  const at = now();
  const previousAt = await store.devices.poll(id, at, interval);
  if (previousAt === undefined || at - previousAt >= interval * 1000)
    return new OAuthError("authorization_pending", "nobody has decided yet");
  const longer = interval + SLOW_DOWN_SECONDS;
  await store.devices.poll(id, at, longer);
  return new OAuthError("slow_down", `ask every ${longer} seconds`);
}
