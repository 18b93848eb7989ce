import { sha256Hex } from "../../../../lib/secret.ts";
import { isUniqueViolation, type ClientRow, type GrantRow, type MemberRow } from "../../../../store/index.ts";
import { OAuthError } from "../../../oauth-error.ts";
import { narrowToLimits } from "../effective-scopes.ts";
import type { EnterpriseIssuer, GrantDeps } from "../grant-deps.ts";
import { putOnRecord } from "../issue-tokens.ts";

export interface EnterpriseUse {
  readonly client: ClientRow;
  readonly accountId: string;
  readonly enterprise: EnterpriseIssuer;
}

type Place = Pick<MemberRow, "workspace_id" | "role">;

const ID_CHARS = 26;

/**
 * The live grant of a client for an account whose identity provider vouches for both: one per client, account and workspace. It holds what
 * the client's policy and the person's role have in common now. One that was revoked stays so, and the next assertion makes another.
 */
export async function openEnterpriseGrant(deps: GrantDeps, use: EnterpriseUse): Promise<string> {
  const { client } = use;
  const place = await findPlace(deps, use);
  const scopes = narrowToLimits(deps, client.scopes ?? deps.selfRegisteredScopes, [deps.scopes.forRole(place.role)]);
  if (scopes === "") throw new OAuthError("invalid_scope", "none of the requested scopes may be granted to this client");
  const rows = await findGrants(deps, use, place);
  const now = deps.now();
  const live = rows.find((row) => row.revoked_at === null && (row.expires_at === null || row.expires_at > now));
  if (live === undefined) return createGrant(deps, use, { place, scopes, generation: rows.length });
  if (live.scopes !== scopes) await deps.store.db.updateTable("access_grant").set({ scopes }).where("id", "=", live.id).execute();
  return live.id;
}

/** The client's workspace; for one that no operator made, the only one that the person has. */
async function findPlace({ store }: GrantDeps, { client, accountId }: EnterpriseUse): Promise<Place> {
  const query = store.db.selectFrom("member").select(["workspace_id", "role"]).where("account_id", "=", accountId).limit(2);
  const places = await (client.workspace_id === null ? query : query.where("workspace_id", "=", client.workspace_id)).execute();
  const [place] = places;
  if (place === undefined) throw new OAuthError("invalid_grant", "the person is not a member of the workspace");
  if (places.length > 1)
    throw new OAuthError("invalid_grant", "the person has several workspaces; use a client that an operator made for one of them");
  return place;
}

function findGrants({ store }: GrantDeps, { client, accountId }: EnterpriseUse, { workspace_id }: Place): Promise<GrantRow[]> {
  return store.db
    .selectFrom("access_grant")
    .selectAll()
    .where("kind", "=", "enterprise")
    .where("client_id", "=", client.id)
    .where("subject", "=", accountId)
    .where("workspace_id", "=", workspace_id)
    .execute();
}

interface NewGrant {
  readonly place: Place;
  readonly scopes: string;
  /** How many there were before. */
  readonly generation: number;
}

async function createGrant(
  deps: GrantDeps,
  { client, accountId, enterprise }: EnterpriseUse,
  { place, scopes, generation }: NewGrant,
): Promise<string> {
  const { workspace_id } = place;
  // The same for all who make it at once, so that one does.
  const key = ["enterprise", client.id, accountId, workspace_id, generation].join("\n");
  const id = `gr_${sha256Hex(key).slice(0, ID_CHARS)}`;
  await putOnRecord(deps, {
    event: "enterprise_granted",
    accountId,
    clientId: client.id,
    workspaceId: workspace_id,
    grantId: id,
    issuer: enterprise.issuer,
    scope: scopes,
  });
  // A grant without a row of its client is no good, and clients with a document may have none yet.
  if (client.kind === "document") await deps.store.clients.put(client);
  const nothing = { parent_id: null, redirect_host: null, environments: null, expires_at: null, revoked_at: null };
  const grant = {
    ...nothing,
    id,
    kind: "enterprise" as const,
    workspace_id,
    client_id: client.id,
    subject: accountId,
    scopes,
    created_at: deps.now(),
  };
  try {
    await deps.store.grants.create(grant);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  return id;
}
