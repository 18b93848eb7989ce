import type { DecisionExplanation, DecisionQuery } from "./explanations.ts";
import type { FailureCluster, FailureQuery } from "./failures.ts";
import type { RecordsFound, RecordsQuery } from "./records.ts";

/** What is on record about the caller's workspace, for tools that show it. Every method sees this workspace only. */
export interface Evidence {
  /** Searches the records of this workspace, newest first. */
  records(query: RecordsQuery): Promise<RecordsFound | EvidenceProblems>;
  /** Explains a past decision, or what would be decided about a call that is not made. Nothing is run. */
  explain(query: DecisionQuery): Promise<DecisionExplanation | EvidenceProblems>;
  /** What the calls of agents of this workspace did wrong, in clusters, the most frequent first. */
  failures(query: FailureQuery): Promise<readonly FailureCluster[] | EvidenceProblems>;
}

/** What is wrong with a query, a sentence each. */
export interface EvidenceProblems {
  readonly problems: readonly string[];
}
