import type { Plan } from "../../../../tool/index.ts";

/** A call that waits for a person, as that person sees it. Instants are epoch milliseconds. */
export interface Approval {
  readonly id: string;
  readonly state: "pending" | "approved" | "refused" | "used" | "void" | "expired";
  readonly clientId: string;
  /** The agent's own claim. */
  readonly clientName: string;
  readonly actsFor: string | null;
  readonly tool: string;
  readonly toolTitle: string;
  readonly effect: string;
  readonly arguments: unknown;
  readonly plan: Plan;
  /** What is shown, as one value: a decision names it, so that nothing else can be approved. */
  readonly digest: string;
  readonly approversNeeded: number;
  readonly approvedBy: readonly string[];
  readonly hasApproved: boolean;
  readonly reason: string | null;
  readonly requestedAt: number;
  readonly expiresAt: number;
}

export interface ApprovalsAnswer {
  readonly approvals: readonly Approval[];
}

export interface Change {
  readonly id: string;
  readonly tool: string;
  readonly agent: string;
  readonly summary: string;
  readonly at: number;
  /** Until when it can be taken back. */
  readonly until: number;
  readonly undoneAt: number | null;
}

export interface ChangesAnswer {
  readonly changes: readonly Change[];
}
