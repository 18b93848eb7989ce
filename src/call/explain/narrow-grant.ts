import type { Store } from "../../store/index.ts";
import { problem, type Problems } from "./explain-deps.ts";
import { readHolders } from "./holder.ts";
import { adviseGrants, type AdviceDeps, type GrantAdvice } from "./least-privilege.ts";

export interface NarrowDeps extends AdviceDeps {
  /** Resolves when the event is on record. */
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  /** Makes tokens that stand on changed rows hold what these say now. */
  readonly refreshTokens: () => Promise<void>;
}

export interface NarrowQuery {
  readonly workspaceId: string;
  readonly agent: string;
  readonly days: number;
  /** Account of the person at the console who orders it; an operator of the server when left out. */
  readonly by?: string | undefined;
}

/** A grant that was made smaller. */
export interface NarrowedGrant {
  readonly grant: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Makes the grants of an agent as small as what was used of them, each on record before it is done. Grants that nobody used stay: they
 * are for revoking.
 */
export async function narrowGrants(
  deps: NarrowDeps,
  query: NarrowQuery,
): Promise<{ readonly narrowed: readonly NarrowedGrant[] } | Problems> {
  const advice = await adviseGrants(deps, query);
  if ("problems" in advice) return advice;
  if (advice.length === 0) return problem(`the agent ${JSON.stringify(query.agent)} has no live grant; remit grant list shows them`);
  const fitting = advice.filter(({ is_narrower, proposed }) => is_narrower && proposed.length > 0);
  if (fitting.length === 0) {
    const isUsed = advice.some(({ calls }) => calls > 0);
    const why = isUsed ? "no grant of it holds more than was used" : "it used none of its grants; remit grant revoke ends one";
    return problem(`nothing was done: within ${query.days} days ${why}`);
  }
  const done: NarrowedGrant[] = [];
  for (const each of fitting) {
    if (!(await narrowOne(deps, query, each))) return problem(`the grant ${each.grant} changed meanwhile; ask again`);
    done.push({ grant: each.grant, before: each.granted, after: each.proposed });
  }
  await deps.refreshTokens();
  return { narrowed: done };
}

/** False, with nothing changed, when the grant is no longer what the advice was about. */
async function narrowOne(deps: NarrowDeps, { workspaceId, days, by = "operator" }: NarrowQuery, advice: GrantAdvice): Promise<boolean> {
  const { grant, agent, granted: before, proposed: after } = advice;
  const row = await findGrant(deps.store, grant);
  const [holder] = await readHolders(deps, [grant]);
  if (row === undefined || holder === undefined || before.some((scope) => !holder.scopes.held.has(scope))) return false;
  await deps.record({ event: "grant.narrowed", agent, grant, workspace: workspaceId, before, after, window_days: days, by });
  const { numUpdatedRows } = await deps.store.db
    .updateTable("access_grant")
    .set({ scopes: after.join(" ") })
    .where("id", "=", grant)
    .where("scopes", "=", row.scopes)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function findGrant({ db }: Pick<Store, "db">, id: string) {
  return db.selectFrom("access_grant").select("scopes").where("id", "=", id).where("revoked_at", "is", null).executeTakeFirst();
}
