/** Why something was decided, what would be, and what would be enough: all by the decision function itself. Nothing here runs a tool. */
import { parseSearch, searchLedger } from "../../audit/index.ts";
import type { Caller, CallQuery, DecisionExplanation, Evidence } from "../../tool/index.ts";
import { explainCall } from "./explain-call.ts";
import { explainDecision } from "./explain-decision.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { adviseGrants, type GrantAdvice, type LeastPrivilegeQuery } from "./least-privilege.ts";
import { narrowGrants, type NarrowDeps, type NarrowedGrant, type NarrowQuery } from "./narrow-grant.ts";
import { createUseReader } from "./uses.ts";
import { simulateGrant, type GrantQuery, type Simulation } from "./simulate.ts";

export type { ExplainDeps } from "./explain-deps.ts";

/** At most so many records are looked at for one query of an agent. */
const MAX_SCANNED = 200_000;

/** Records are of the workspace as a whole. */
const LIMITED = problem("Your access is limited to certain environments of this workspace, and the record is about the whole of it.");

/** The records and the explanations that a caller may see: those of its workspace. */
export function evidenceOf(deps: ExplainDeps, caller: Caller): Pick<Evidence, "records" | "explain"> {
  const { workspaceId, clientId, scopes } = caller;
  const within = { workspaceId, maxScanned: MAX_SCANNED };
  return {
    async records({ search, limit, beforeSeq }) {
      if (caller.environments !== undefined) return LIMITED;
      const parsed = parseSearch(search, deps.now());
      if ("problems" in parsed) return parsed;
      const { rows, nextBeforeSeq } = await searchLedger(deps.ledger, parsed, { ...within, limit, beforeSeq });
      return { records: rows.map(({ record }) => record), nextBeforeSeq };
    },
    async explain(query) {
      if (caller.environments !== undefined) return LIMITED;
      if ("decision" in query) return explainDecision(deps, query, within);
      const isOther = query.agent !== undefined || query.scopes !== undefined;
      return explainCall(deps, workspaceId, isOther ? query : { ...query, agent: clientId, scopes: scopes.join(" ") });
    },
  };
}

/** Of a query of an operator: the workspace may be left out while there is one. */
type InWorkspace<Q> = Omit<Q, "workspaceId"> & { readonly workspaceId?: string | undefined };

export interface ExplainOperator {
  /** A past decision, in whatever workspace. */
  explainDecision(decision: string): Promise<DecisionExplanation | Problems>;
  /** A call that is not made. */
  explainCall(query: InWorkspace<CallQuery>): Promise<DecisionExplanation | Problems>;
  /** What a grant could do, before it is given. */
  simulateGrant(query: InWorkspace<GrantQuery>): Promise<Simulation | Problems>;
  /** Granted against used, for every live grant or those of one agent. */
  adviseGrants(query: InWorkspace<LeastPrivilegeQuery>): Promise<readonly GrantAdvice[] | Problems>;
  /** Makes the grants of an agent as small as what was used of them. */
  narrowGrants(query: InWorkspace<NarrowQuery>): Promise<{ readonly narrowed: readonly NarrowedGrant[] } | Problems>;
}

export interface ExplainActsDeps extends Omit<NarrowDeps, "readUses"> {
  /** The workspace that is meant; undefined when that is not clear. */
  chooseWorkspace(given: string | undefined): Promise<string | undefined>;
}

export function createExplainActs(given: ExplainActsDeps): ExplainOperator {
  const deps = { ...given, readUses: createUseReader(given) };
  async function inWorkspace<Q extends object, R>(query: InWorkspace<Q>, act: (workspaceId: string) => Promise<R>): Promise<R | Problems> {
    const workspaceId = await deps.chooseWorkspace(query.workspaceId);
    return workspaceId === undefined ? problem("say which workspace is meant; there is none, or more than one") : act(workspaceId);
  }
  return {
    explainDecision: (decision) => explainDecision(deps, { decision }),
    explainCall: (query) => inWorkspace(query, (workspaceId) => explainCall(deps, workspaceId, query)),
    simulateGrant: (query) => inWorkspace(query, (workspaceId) => simulateGrant(deps, { ...query, workspaceId })),
    adviseGrants: (query) => inWorkspace(query, (workspaceId) => adviseGrants(deps, { ...query, workspaceId })),
    narrowGrants: (query) => inWorkspace(query, (workspaceId) => narrowGrants(deps, { ...query, workspaceId })),
  };
}
