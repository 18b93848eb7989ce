import { randomInt } from "node:crypto";
import { createSecret, sha256Hex } from "../../../../lib/secret.ts";
import { isUniqueViolation, type ClientRow, type DeviceRow } from "../../../../store/index.ts";
import { OAuthError } from "../../../oauth-error.ts";
import { DEVICE_PATH } from "../../issuer-metadata.ts";
import { checkResource } from "../check-resource.ts";
import { parseScopeParam, withinLimits } from "../effective-scopes.ts";
import type { GrantDeps, TokenRequest } from "../grant-deps.ts";

/** RFC 8628 §3.2. Times are seconds. */
export interface DeviceAuthorization {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** Consonants spell no words, and none is easily taken for another (RFC 8628 §6.1). Eight of them are 34 bits. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_LETTERS = 8;
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const LIFE_SECONDS = 600;
const INTERVAL_SECONDS = 5;
const TRIES = 5;

/** Begins a device authorization: the device shows the user code and polls with the device code. Throws OAuthError. */
export async function startDevice(deps: GrantDeps, { client, params }: TokenRequest): Promise<DeviceAuthorization> {
  checkResource(deps, params["resource"]);
  if (!mayUseDevices(client)) throw new OAuthError("unauthorized_client", "this client did not register the device grant");
  const requested = parseScopeParam(params["scope"]) ?? deps.scopes.baseline.join(" ");
  const scopes = withinLimits(deps, requested, [client.scopes ?? deps.selfRegisteredScopes]);
  if (scopes === "") throw new OAuthError("invalid_scope", "none of the requested scopes may be granted to this client");
  const deviceCode = `dc_${createSecret()}`;
  const createdAt = deps.now();
  const userCode = await createDevice(deps, {
    id_hash: sha256Hex(deviceCode),
    client_id: client.id,
    scopes,
    state: "pending",
    claimed_by: null,
    grant_id: null,
    interval_seconds: INTERVAL_SECONDS,
    polled_at: null,
    created_at: createdAt,
    expires_at: createdAt + LIFE_SECONDS * 1000,
  });
  const shown = `${userCode.slice(0, USER_CODE_LETTERS / 2)}-${userCode.slice(USER_CODE_LETTERS / 2)}`;
  const page = deps.issuer + DEVICE_PATH;
  return {
    device_code: deviceCode,
    user_code: shown,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${shown}`,
    expires_in: LIFE_SECONDS,
    interval: INTERVAL_SECONDS,
  };
}

/** Clients of operators may; all others have to have said so. */
function mayUseDevices({ kind, metadata }: ClientRow): boolean {
  const { grant_types: grantTypes = [] } = JSON.parse(metadata) as { readonly grant_types?: readonly string[] };
  return kind === "operator" || grantTypes.includes(DEVICE_GRANT);
}

/** Stores it under a user code that no other device has. */
async function createDevice({ store }: GrantDeps, row: Omit<DeviceRow, "user_code">): Promise<string> {
  for (let tries = 1; ; tries++) {
    const userCode = Array.from({ length: USER_CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    try {
      await store.devices.create({ ...row, user_code: userCode });
      return userCode;
    } catch (error) {
      if (!isUniqueViolation(error) || tries === TRIES) throw error;
    }
  }
}
