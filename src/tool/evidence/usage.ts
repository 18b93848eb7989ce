/** What calls are told apart by. `tool` is a tool, prompt, resource or skill as declared. */
export type UsageBy = "tool" | "method" | "agent" | "user" | "environment" | "outcome" | "reason" | "client" | "protocol";

/** Only calls with these. `client` and `protocol` go together with `agent`, not with `tool`, `method` or `user`. */
export type UsageFilter = { readonly [K in UsageBy]?: string | undefined };

export interface UsageQuery extends UsageFilter {
  /** Default `tool`. */
  readonly by?: UsageBy | undefined;
  /** Epoch milliseconds; default 24 hours before `until`. What is older than two days begins at a full hour, older than 90 days at a full day. */
  readonly since?: number | undefined;
  /** Epoch milliseconds; default now. */
  readonly until?: number | undefined;
  /** Also as series, one number for each of these. */
  readonly every?: "minute" | "hour" | "day" | undefined;
  /** Which come first; default `calls`. `slow` is by 95th percentile, `large` by that of the size of results. */
  readonly sort?: UsageSort | undefined;
  /** Default 20, at most 1000. */
  readonly limit?: number | undefined;
}

export type UsageSort = "calls" | "failed" | "refused" | "slow" | "large" | "last";

/** How calls went. Times are of calls that were not refused, and exact to 2.5 %, as sizes are. */
export interface UsageFigures {
  readonly calls: number;
  /** Ended as `tool_error`, `invalid_arguments`, `fault`, `timeout` or `unknown`. */
  readonly failed: number;
  readonly refused: number;
  /** Milliseconds; null when no call ran. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly meanMs: number | null;
  /** Bytes of results; null when there were none. */
  readonly p50Bytes: number | null;
  readonly p95Bytes: number | null;
  /** Epoch milliseconds of the newest call; null for none. */
  readonly lastAt: number | null;
}

export interface UsageGroup extends UsageFigures {
  /** Name or id; "" for calls that are about none, "(other)" for those that are no longer told apart. */
  readonly key: string;
  /** Finds the records of these calls: `remit audit search`. Undefined when no search tells them apart. */
  readonly search?: string;
  /** Calls, and failed calls, per time of `starts`; null where nothing is known. */
  readonly series?: { readonly calls: readonly (number | null)[]; readonly failed: readonly (number | null)[] };
}

export interface UsageFound {
  /** What is told of, epoch milliseconds: from here, up to but not including there. */
  readonly since: number;
  readonly until: number;
  /** Of before nothing is known; null while nothing was counted. */
  readonly countedFrom: number | null;
  readonly by: UsageBy;
  readonly total: UsageFigures;
  readonly groups: readonly UsageGroup[];
  /** How many groups there are beyond the limit. */
  readonly omitted: number;
  /** With `every`: when each time of the series starts, epoch milliseconds. */
  readonly starts?: readonly number[];
}

export interface UnusedQuery {
  /** Client id: only what this agent may be granted, and did not use. */
  readonly agent?: string | undefined;
  /** Epoch milliseconds; default 30 days ago. */
  readonly since?: number | undefined;
}

/** What is declared and was not used by any call that was let through. */
export interface Unused {
  readonly since: number;
  readonly until: number;
  readonly countedFrom: number | null;
  readonly tools: readonly string[];
  /** Scopes that no such call needed. */
  readonly scopes: readonly string[];
}
