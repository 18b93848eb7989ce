import type { Clock } from "../../lib/clock.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { FailureRow, FailureStore } from "../../store/index.ts";
import type { FailureCluster, FailureQuery, Registry } from "../../tool/index.ts";
import type { FollowedRow } from "../call-fact.ts";
import { caseOf, type FailureCase } from "./failure-case.ts";
import { failuresOf, type Failure } from "./failure-of.ts";
import { propose } from "./proposal.ts";

/** What calls did wrong, counted by what it was. */
export interface Failures {
  /** The last record that is counted. */
  through(): Promise<number>;
  /** Counts what went wrong in these records, which follow those that are counted. Rejects with nothing counted when it cannot be stored. */
  take(rows: readonly FollowedRow[]): Promise<void>;
  /** The clusters of a workspace, or of all; the most frequent first. */
  list(workspaceId: string | undefined, query: FailureQuery): Promise<readonly FailureCluster[]>;
  /** The newest call of a cluster, to be tried again. */
  caseOf(id: string): Promise<FailureCase | undefined>;
  /** Notes how far the count has come. */
  close(): Promise<void>;
}

export interface FailuresDeps {
  readonly store: FailureStore;
  /** Name of the ledger's chain. */
  readonly chain: string;
  readonly registry: Pick<Registry, "tools" | "prompts" | "resources">;
  readonly now: Clock;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const MAX_ROWS_PER_WORKSPACE = 1000;
const KEPT_MS = 90 * 24 * 3_600_000;
const SWEEP_EVERY_MS = 3_600_000;
/** So many records without a failure may be read again after a crash. */
const ROWS_PER_NOTE = 10_000;

export function createFailures({ store, chain, registry, now }: FailuresDeps): Failures {
  /** Records that were looked at since the progress was stored, and the last of them. */
  let unnoted = { rows: 0, seq: 0 };
  let sweptAt = 0;

  async function sweep(): Promise<void> {
    if (now() - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now();
    await store.sweep({ before: now() - KEPT_MS, maxRows: MAX_ROWS_PER_WORKSPACE });
  }

  return {
    through: async () => Math.max(unnoted.seq, await store.through(chain)),
    async take(rows) {
      const last = rows.at(-1);
      if (last === undefined) return;
      const counted = count(rows, registry.tools);
      const looked = unnoted.rows + rows.length;
      if (counted.length > 0 || looked >= ROWS_PER_NOTE) {
        await store.add(counted, { chain, through_seq: last.seq });
        unnoted = { rows: 0, seq: last.seq };
        await sweep();
      } else unnoted = { rows: looked, seq: last.seq };
    },
    async list(workspaceId, { cause, tool, withinMs, limit = DEFAULT_LIMIT }) {
      const since = withinMs === undefined ? undefined : now() - withinMs;
      const rows = await store.list({ workspaceId, cause, target: tool, since, limit: Math.min(limit, MAX_LIMIT) });
      return rows.map((row) => propose(row, registry));
    },
    async caseOf(id) {
      const row = await store.find(id);
      return row === undefined ? undefined : caseOf(row);
    },
    async close() {
      if (unnoted.rows > 0) await store.add([], { chain, through_seq: unnoted.seq });
    },
  };
}

/** One row for each way in which these records went wrong. */
function count(rows: readonly FollowedRow[], tools: Registry["tools"]): FailureRow[] {
  const groups = new Map<string, { readonly failures: Failure[]; newest: FollowedRow }>();
  for (const row of rows) {
    for (const failure of failuresOf(row, tools)) {
      const group = groups.get(failure.id);
      if (group === undefined) groups.set(failure.id, { failures: [failure], newest: row });
      else {
        group.failures.push(failure);
        group.newest = row;
      }
    }
  }
  return [...groups.values()].flatMap(({ failures, newest }) => toRow(failures, newest) ?? []);
}

function toRow(failures: readonly Failure[], newest: FollowedRow): FailureRow | undefined {
  const failure = failures.at(-1);
  const first = failures[0];
  if (failure === undefined || first === undefined) return undefined;
  const { id, cause, target, path, detail, expected, suggestion, fact } = failure;
  const { workspace, decision, at } = fact;
  const decisions = new Set(failures.map((each) => each.fact.decision));
  return {
    id,
    workspace_id: workspace,
    cause,
    target,
    path,
    detail,
    expected,
    suggestion,
    calls: decisions.size,
    agents: JSON.stringify([...new Set(failures.map((each) => each.fact.agent))]),
    first_at: first.fact.at,
    last_at: at,
    decision,
    example: exampleOf(newest),
  };
}

/** What it takes to make the same call again, as far as it is on record. */
function exampleOf({ body }: FollowedRow): string {
  const { method, named, held, arguments: args } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  // Too much was not kept.
  return JSON.stringify({ method, named, held, arguments: isRecord(args) ? args : undefined });
}
