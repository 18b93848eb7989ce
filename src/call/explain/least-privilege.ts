import { searchLedger } from "../../audit/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { readHolders, type Holder } from "./holder.ts";

export interface LeastPrivilegeQuery {
  readonly workspaceId: string;
  /** Only grants of this agent. */
  readonly agent?: string | undefined;
  /** The window that is looked at. */
  readonly days: number;
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

interface Use {
  readonly scopes: Set<string>;
  calls: number;
  lastAt: number;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 3650;
/** One page of the ledger at a time is kept in memory. */
const PAGE = 5000;

/** For each live grant of the workspace: what it holds, what was used of it, and what would have been enough. */
export async function adviseGrants(deps: ExplainDeps, query: LeastPrivilegeQuery): Promise<readonly GrantAdvice[] | Problems> {
  const { workspaceId, agent, days } = query;
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) return problem(`the window is 1 to ${MAX_DAYS} days`);
  const rows = await deps.store.db
    .selectFrom("access_grant")
    .select(["id", "kind", "created_at", "parent_id"])
    .where("workspace_id", "=", workspaceId)
    .where("revoked_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const holders = new Map(
    (
      await readHolders(
        deps,
        rows.map(({ id }) => id),
      )
    ).map((holder) => [holder.grant, holder]),
  );
  const since = deps.now() - days * DAY_MS;
  const uses = withChildren(await readUses(deps, workspaceId, since), rows);
  return rows.flatMap((row) => {
    const holder = holders.get(row.id);
    return holder?.isLive === true && (agent === undefined || holder.agent === agent)
      ? [advise(deps.registry.scopes, { ...row, holder, since }, uses.get(row.id))]
      : [];
  });
}

/** What was used of each grant, by the records of calls that were allowed. */
async function readUses(deps: ExplainDeps, workspaceId: string, since: number): Promise<ReadonlyMap<string, Use>> {
  const uses = new Map<string, Use>();
  const search = { conditions: [], since, until: undefined };
  let beforeSeq: number | undefined;
  do {
    const { rows, nextBeforeSeq } = await searchLedger(deps.ledger, search, { workspaceId, limit: PAGE, beforeSeq });
    for (const { record } of rows) {
      // An intent is told of again by its outcome.
      if (record["allowed"] !== true || !Array.isArray(record["needed"]) || record["kind"] === "intent") continue;
      const grant = String(record["grant"]);
      let use = uses.get(grant);
      if (use === undefined) uses.set(grant, (use = { scopes: new Set(), calls: 0, lastAt: 0 }));
      for (const scope of record["needed"]) use.scopes.add(String(scope));
      use.calls++;
      use.lastAt = Math.max(use.lastAt, Number(record["at"]));
    }
    beforeSeq = nextBeforeSeq;
  } while (beforeSeq !== undefined);
  return uses;
}

/** What was narrowed from a grant lives on what that holds, so its use is the use of both. */
function withChildren(
  uses: ReadonlyMap<string, Use>,
  rows: readonly { readonly id: string; readonly parent_id: string | null }[],
): ReadonlyMap<string, Use> {
  const parents = new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
  const all = new Map<string, Use>();
  for (const [grant, { scopes, calls, lastAt }] of uses) {
    for (let at: string | null | undefined = grant; typeof at === "string"; at = parents.get(at)) {
      const known: Use = all.get(at) ?? { scopes: new Set(), calls: 0, lastAt: 0 };
      for (const scope of scopes) known.scopes.add(scope);
      all.set(at, { scopes: known.scopes, calls: known.calls + calls, lastAt: Math.max(known.lastAt, lastAt) });
    }
  }
  return all;
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
