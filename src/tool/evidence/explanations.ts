/** A past decision by its id, or a call to think of: a tool and arguments, and who would make it. */
export type DecisionQuery = PastDecision | CallQuery;

export interface PastDecision {
  readonly decision: string;
  /** When it was made, epoch milliseconds, if that is known: old ones are found sooner. */
  readonly at?: number | undefined;
}

export interface CallQuery {
  readonly tool: string;
  /** Left out, they are not looked at. */
  readonly arguments?: unknown;
  /** Client id. With `scopes` its grants are left aside, and its policy counts. Without both, the caller with what its token holds. */
  readonly agent?: string | undefined;
  /** One of the agent's grants; its newest live one when left out. */
  readonly grant?: string | undefined;
  /** Space-separated. */
  readonly scopes?: string | undefined;
  /** As in the address, `?environment=ID&readonly=1`. */
  readonly environment?: string | undefined;
  readonly isReadOnly?: boolean | undefined;
}

/** One of the checks of a decision, in their order. */
export interface DecisionCheck {
  readonly check: "grant" | "kill" | "read_only" | "policy" | "scopes" | "approval" | "limit" | "environment" | "arguments";
  /** `ask`: people must approve it first. */
  readonly outcome: "pass" | "fail" | "ask";
  /** The two values that were compared, in words. */
  readonly needs: string;
  readonly has: string;
  /** What would change the outcome; only where it is not `pass`. */
  readonly change?: string;
}

export interface DecisionExplanation {
  /** The decision's id; undefined for a call that was not made. */
  readonly decision?: string;
  /** When it was made, epoch milliseconds. */
  readonly at?: number;
  /** How the call ended, and why it was refused. */
  readonly outcome?: string;
  readonly reason?: string;
  readonly target: string;
  readonly agent?: string;
  readonly grant?: string;
  /** The word of the decision alone, as on record; calls fail on other checks too. */
  readonly allowed: boolean;
  readonly rule: string;
  /** Whether every check passes, an approval by people aside. */
  readonly passes: boolean;
  readonly checks: readonly DecisionCheck[];
  /** Of a past decision: what would be decided now; undefined when the grant or the target is gone. */
  readonly now?: { readonly allowed: boolean; readonly rule: string };
}
