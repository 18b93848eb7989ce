import type { ScopeCatalogue } from "../../tool/index.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { readHolders, type Holder } from "./holder.ts";
import { DAY_MS, withChildren, type Use, type UseReader } from "./uses.ts";

export interface LeastPrivilegeQuery {
  readonly workspaceId: string;
  /** Only grants of this agent. */
  readonly agent?: string | undefined;
  /** The window that is looked at. */
  readonly days: number;
  /** What was used may have been read so long ago. */
  readonly maxAgeMs?: number | undefined;
  /** Leaves out what agents handed on to others: it lasts minutes, and counts for what it was narrowed from. */
  readonly isWithoutExchanged?: boolean | undefined;
}

export interface AdviceDeps extends ExplainDeps {
  readonly readUses: UseReader;
}

/** What a grant allows against what was used of it. */
export interface GrantAdvice {
  readonly grant: string;
  readonly agent: string;
  readonly kind: string;
  /** Scopes that it holds now, without what they include. */
  readonly granted: readonly string[];
  /** Scopes that calls which were allowed needed, within the window. */
  readonly used: readonly string[];
  /** The smallest grant that would have allowed all of these. */
  readonly proposed: readonly string[];
  readonly calls: number;
  /** Epoch milliseconds; null for never within the window. */
  readonly last_used_at: number | null;
  /** `dormant`: it was not used though it was there all the time; `young`: it was made within the window. */
  readonly state: "in_use" | "dormant" | "young";
  /** Whether the proposal is smaller than what is granted. */
  readonly is_narrower: boolean;
}

const MAX_DAYS = 3650;

/** For each live grant of the workspace: what it holds, what was used of it, and what would have been enough. */
export async function adviseGrants(
  { readUses, ...deps }: AdviceDeps,
  query: LeastPrivilegeQuery,
): Promise<readonly GrantAdvice[] | Problems> {
  const { workspaceId, agent, days } = query;
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) return problem(`the window is 1 to ${MAX_DAYS} days`);
  const now = deps.now();
  const since = now - days * DAY_MS;
  // Those that have expired count for what they were narrowed from.
  const rows = await deps.store.db
    .selectFrom("access_grant")
    .select(["id", "kind", "created_at", "expires_at", "parent_id"])
    .where("workspace_id", "=", workspaceId)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", since)]))
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const live = rows
    .filter(
      ({ expires_at, kind }) => (expires_at === null || expires_at > now) && !(query.isWithoutExchanged === true && kind === "exchange"),
    )
    .map(({ id }) => id);
  const holders = new Map((await readHolders(deps, live)).map((holder) => [holder.grant, holder]));
  const uses = withChildren(await readUses({ workspaceId, days, maxAgeMs: query.maxAgeMs }), rows);
  return rows.flatMap((row) => {
    const holder = holders.get(row.id);
    return holder?.isLive === true && (agent === undefined || holder.agent === agent)
      ? [advise(deps.registry.scopes, { ...row, holder, since }, uses.get(row.id))]
      : [];
  });
}

interface Granted {
  readonly id: string;
  readonly kind: string;
  readonly created_at: number;
  readonly holder: Holder;
  readonly since: number;
}

function advise(catalogue: ScopeCatalogue, { id, kind, created_at, holder, since }: Granted, use: Use | undefined): GrantAdvice {
  const used = [...(use?.scopes ?? [])].filter((scope) => holder.scopes.held.has(scope)).toSorted();
  const granted = smallest(catalogue, holder.scopes.granted);
  const proposed = smallest(catalogue, used);
  const isYoung = created_at > since;
  return {
    grant: id,
    agent: holder.agent,
    kind,
    granted,
    used,
    proposed,
    calls: use?.calls ?? 0,
    last_used_at: use?.lastAt ?? null,
    state: use !== undefined ? "in_use" : isYoung ? "young" : "dormant",
    is_narrower: catalogue.parse(proposed.join(" ")).held.size < holder.scopes.held.size,
  };
}

/** The scopes without those that another of them includes. */
function smallest(catalogue: Pick<ScopeCatalogue, "parse">, scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => !scopes.some((other) => other !== scope && catalogue.parse(other).held.has(scope)));
}
