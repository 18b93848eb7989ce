import { createId } from "../../../lib/id.ts";
import type { GrantRow } from "../../../store/index.ts";
import { redirectHost } from "../clients/index.ts";
import type { WidenedTool } from "../../surface-watch.ts";
import type { AuthorizationsDeps, PendingAuthorization } from "./authorizations.ts";
import { findConsent, limitOf, opens, widenedSince } from "./consent-view.ts";

/** What a person allowed, cut down to what they and the client may have. */
export interface GivenConsent {
  readonly pending: PendingAuthorization;
  readonly accountId: string;
  readonly workspaceId: string;
  readonly scopes: readonly string[];
  /** Null for all. */
  readonly environments: readonly string[] | null;
  /** Epoch milliseconds; null for no end. */
  readonly expiresAt: number | null;
}

const WIDER =
  "This application was limited to some environments before. To let it into others, revoke it on your account page first, then connect it again.";

export function isOver(grant: GrantRow, now: number): boolean {
  return grant.expires_at !== null && grant.expires_at <= now;
}

/**
 * Adds a consent to what the person allowed this client before, or begins with it; on record first. Nothing that was allowed before becomes
 * wider by it: neither its environments nor its end.
 */
export async function grantConsent(
  deps: AuthorizationsDeps,
  given: GivenConsent,
): Promise<{ readonly grant: GrantRow; readonly isFresh: boolean } | { readonly problem: string }> {
  const { pending, accountId, workspaceId, scopes, environments } = given;
  const at = deps.now();
  const known = await findConsent(deps.store, { pending, accountId, workspaceId });
  const present = known === undefined || isOver(known, at) ? undefined : known;
  const limit = present === undefined ? null : limitOf(present);
  if (limit !== null && !(environments?.every((id) => limit.includes(id)) ?? false)) return { problem: WIDER };
  if (pending.client.kind === "document") await deps.store.clients.put(pending.client);
  const fresh = createGrant(deps, given);
  const widened = present === undefined ? [] : await widenedSince(deps, present, deps.scopes.parse(present.scopes).granted);
  const merge = (found: GrantRow | undefined): GrantRow =>
    found === undefined || isOver(found, at) ? fresh : add(deps, found, { ...given, widened });
  const planned = merge(known);
  await deps.onEvent({
    event: "consent_given",
    accountId,
    clientId: pending.client.id,
    workspaceId,
    grantId: known?.id ?? planned.id,
    requested: pending.requested.join(" "),
    scope: scopes.join(" "),
    environments,
    expiresAt: planned.expires_at,
    surface: planned.surface ?? null,
  });
  const grant = await deps.store.grants.consent(fresh, merge);
  return { grant, isFresh: grant.id === fresh.id };
}

function createGrant({ now, surfaces }: AuthorizationsDeps, given: GivenConsent): GrantRow {
  const { pending, environments } = given;
  return {
    id: createId("gr"),
    kind: "person",
    client_id: pending.client.id,
    subject: given.accountId,
    workspace_id: given.workspaceId,
    redirect_host: pending.redirectUri === null ? null : redirectHost(pending.redirectUri),
    scopes: given.scopes.join(" "),
    parent_id: null,
    environments: environments === null ? null : JSON.stringify(environments),
    surface: surfaces?.sha256 ?? null,
    created_at: now(),
    expires_at: given.expiresAt,
    revoked_at: null,
  };
}

/** What was allowed before and is not asked for now stays, but not what opens more by now: nobody has allowed that. */
function add(
  { scopes, surfaces }: AuthorizationsDeps,
  present: GrantRow,
  { pending, scopes: chosen, environments, expiresAt, widened }: GivenConsent & { readonly widened: readonly WidenedTool[] },
): GrantRow {
  const kept = scopes
    .parse(present.scopes)
    .granted.filter((scope) => !pending.requested.includes(scope) && !widened.some((tool) => opens(scopes, tool, scope)));
  const ends = [expiresAt, kept.length === 0 ? null : present.expires_at].filter((end) => end !== null);
  return {
    ...present,
    scopes: scopes.parse([...kept, ...chosen].join(" ")).granted.join(" "),
    environments: environments === null ? null : JSON.stringify(environments),
    surface: surfaces?.sha256 ?? null,
    expires_at: ends.length === 0 ? null : Math.min(...ends),
  };
}
