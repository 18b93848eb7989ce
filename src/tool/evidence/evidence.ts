import type { DecisionExplanation, DecisionQuery } from "./explanations.ts";
import type { FailureCluster, FailureQuery } from "./failures.ts";
import type { RecordsFound, RecordsQuery } from "./records.ts";
import type { Unused, UnusedQuery, UsageFound, UsageQuery } from "./usage.ts";

/** What is on record about the caller's workspace, for tools that show it. Every method sees this workspace only. */
export interface Evidence {
  /** Searches the records of this workspace, newest first. */
  records(query: RecordsQuery): Promise<RecordsFound | EvidenceProblems>;
  /** Explains a past decision, or what would be decided about a call that is not made. Nothing is run. */
  explain(query: DecisionQuery): Promise<DecisionExplanation | EvidenceProblems>;
  /** What the calls of agents of this workspace did wrong, in clusters, the most frequent first. */
  failures(query: FailureQuery): Promise<readonly FailureCluster[] | EvidenceProblems>;
  /** How much the agents of this workspace call, and how it went. Who is limited to environments sees the calls in these. */
  usage(query: UsageQuery): Promise<UsageFound | EvidenceProblems>;
  /** What is declared and was not used in this workspace. */
  unused(query: UnusedQuery): Promise<Unused | EvidenceProblems>;
}

/** What is wrong with a query, a sentence each. */
export interface EvidenceProblems {
  readonly problems: readonly string[];
}
