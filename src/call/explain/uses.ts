/** What was used of grants, by the records of calls that were allowed. */
import { searchLedger } from "../../audit/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { LedgerReader } from "../../store/index.ts";

/** What was used of one grant. */
export interface Use {
  readonly scopes: Set<string>;
  calls: number;
  lastAt: number;
}

export interface UseQuery {
  readonly workspaceId: string;
  readonly days: number;
  /** An answer may be so old; it is read anew when left out. */
  readonly maxAgeMs?: number | undefined;
}

export type UseReader = (query: UseQuery) => Promise<ReadonlyMap<string, Use>>;

export const DAY_MS = 86_400_000;
/** One page of the ledger at a time is kept in memory. */
const PAGE = 5000;
const MAX_KEPT = 200;

interface Kept {
  readonly at: number;
  readonly uses: Promise<ReadonlyMap<string, Use>>;
}

/** By grant. A read goes through all records of its window, so one comes after another, however many ask. */
export function createUseReader(deps: { readonly ledger: Pick<LedgerReader, "head" | "read" | "scan">; readonly now: Clock }): UseReader {
  const kept = new Map<string, Kept>();
  let last: Promise<unknown> = Promise.resolve();
  return ({ workspaceId, days, maxAgeMs }) => {
    const key = `${days} ${workspaceId}`;
    const at = deps.now();
    const known = kept.get(key);
    if (known !== undefined && maxAgeMs !== undefined && Math.abs(at - known.at) <= maxAgeMs) return known.uses;
    const uses = last.then(() => readUses(deps.ledger, workspaceId, at - days * DAY_MS));
    last = uses.catch(() => kept.delete(key));
    kept.delete(key);
    kept.set(key, { at, uses });
    for (const oldest of kept.keys()) if (kept.size > MAX_KEPT) kept.delete(oldest);
    return uses;
  };
}

async function readUses(ledger: Parameters<typeof searchLedger>[0], workspaceId: string, since: number): Promise<ReadonlyMap<string, Use>> {
  const uses = new Map<string, Use>();
  const search = { conditions: [], since, until: undefined };
  let beforeSeq: number | undefined;
  do {
    const { rows, nextBeforeSeq } = await searchLedger(ledger, search, { workspaceId, limit: PAGE, beforeSeq });
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
export function withChildren(
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
