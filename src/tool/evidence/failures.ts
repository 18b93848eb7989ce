import type { FAILURE_CAUSES } from "../../errors.ts";

/** In which way a call went wrong. */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

export interface FailureQuery {
  readonly cause?: FailureCause | undefined;
  /** Name of the tool, prompt or resource that was called. */
  readonly tool?: string | undefined;
  /** Clusters with a call in the last so many milliseconds. */
  readonly withinMs?: number | undefined;
  /** Default 20, at most 200. */
  readonly limit?: number | undefined;
}

/** Calls that went wrong in the same way. */
export interface FailureCluster {
  readonly id: string;
  readonly workspaceId: string;
  readonly cause: FailureCause;
  /** As declared or, when nothing has that name, as it came. */
  readonly target: string;
  /** JSON Pointer into the arguments, `*` for the items of lists. */
  readonly path: string;
  /** The name that is not known, the type that came, or the scope that was missing. */
  readonly detail: string;
  readonly expected: string;
  readonly calls: number;
  /** Client ids of at most eight of the agents. */
  readonly agents: readonly string[];
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The newest of the decisions. */
  readonly decision: string;
  /** What is likely behind it, in a sentence. */
  readonly likely: string;
  /** The name, value or form that was probably meant. */
  readonly meant: string | undefined;
  readonly fix: FailureFix;
}

/** What would make such calls go right. */
export interface FailureFix {
  readonly kind: "alias" | "description" | "default" | "scope";
  /** In a sentence, for the author of the tool. */
  readonly text: string;
  /** Of an alias: the name that is called, and the one that is declared. */
  readonly from?: string;
  readonly to?: string;
}
