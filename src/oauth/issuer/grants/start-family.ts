import type { ClientRow } from "../../../store/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import { narrowToLimits, readAuthority, type Authority } from "./effective-scopes.ts";
import type { GrantDeps, TokenAnswer } from "./grant-deps.ts";
import { issueAccessToken } from "./issue-tokens.ts";
import { createRefreshToken, mayRefresh } from "./refresh-token-row.ts";

/** Longer than one request and two clocks can be apart. */
const RACE_MS = 120_000;

/** What a person allowed at one time, to one client. */
export interface Approval {
  readonly client: ClientRow;
  readonly authority: Authority;
  readonly familyId: string;
  /** Space-separated. */
  readonly scope: string;
  readonly jkt: string | null;
}

/** The grant of an approval as it stands now. Throws OAuthError when it is over, or another's. */
export async function readApproved(deps: GrantDeps, grantId: string, client: ClientRow): Promise<Authority> {
  const authority = await readAuthority(deps, grantId);
  if (typeof authority === "string" || authority.grant.client_id !== client.id)
    throw new OAuthError("invalid_grant", "the access was revoked or has expired");
  return authority;
}

/** The first tokens of a family. `use` is called when the access token is on record; when it gives false nothing was issued. */
export async function startFamily(deps: GrantDeps, approval: Approval, use?: () => Promise<boolean>): Promise<TokenAnswer> {
  const { client, authority, familyId, scope, jkt } = approval;
  const granted = narrowToLimits(deps, scope, authority.limits);
  if (granted === "") throw new OAuthError("invalid_grant", "nothing that was allowed may be granted any more");
  const answer = await issueAccessToken(deps, { authority, scope: granted, familyId, jkt });
  if (use !== undefined && !(await use())) throw new OAuthError("invalid_grant", "this was used before");
  if (!mayRefresh(client)) return answer;
  const { value, row } = createRefreshToken(deps, { authority, familyId, scope, jkt });
  await deps.store.refreshTokens.create(row);
  await endIfRevoked(deps, authority, familyId);
  return { ...answer, refresh_token: value };
}

/**
 * Ends the family again when it was ended while a refresh token of it was being stored, which may so have been missed. To be called after that.
 * The same when its grant was revoked meanwhile, or its client or person disabled: being enabled again later must not bring it back.
 */
export async function endIfRevoked({ store, now }: GrantDeps, { grant }: Authority, familyId: string): Promise<void> {
  if (await store.revocations.endsFamily({ familyId, grantId: grant.id }, now() - RACE_MS)) await store.refreshTokens.endFamily(familyId);
}
