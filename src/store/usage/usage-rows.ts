/** How long the time of one roll-up is. */
export type UsageGrain = "minute" | "hour" | "day";

/**
 * Which calls a roll-up tells apart: by tool, by user, by agent and its client; or by more than that those of one tool, user or agent. The same
 * calls stand in a roll-up of each cut.
 */
export type UsageCut = "tool" | "user" | "agent" | "of_tool" | "of_user" | "of_agent";

/** What a roll-up is of. */
export interface UsageKey {
  readonly workspace_id: string;
  readonly cut: UsageCut;
  readonly grain: UsageGrain;
  /** Epoch milliseconds of the first instant of the minute, hour or day (UTC). */
  readonly start_at: number;
  /** "" for calls that are about none. */
  readonly environment_id: string;
  /** The one tool, user or agent in the cuts that are of one; "" in all others. */
  readonly of_id: string;
}

/** The calls of one workspace in one minute, hour or day, packed. */
export interface UsageRow extends UsageKey {
  readonly packed: Uint8Array;
}

/** How far the ledger of one process has been worked into the roll-ups. */
export interface UsageProgressRow {
  readonly chain: string;
  readonly through_seq: number;
  /** When the first record that was worked was written, epoch milliseconds: of before, nothing is known. */
  readonly first_at: number;
}

/** What is added to one roll-up. */
export interface UsageAddition {
  readonly key: UsageKey;
  /** The roll-up with the addition; `present` is undefined when there is none yet. */
  merge(present: Uint8Array | undefined): Uint8Array;
}

/** Which roll-ups are read. */
export interface UsageRange {
  readonly workspaceId: string;
  readonly cut: UsageCut;
  readonly grain: UsageGrain;
  /** Those that start from here on, epoch milliseconds. */
  readonly from: number;
  /** Those that start before this. */
  readonly until: number;
  /** Only these; undefined for all. */
  readonly environments?: readonly string[] | undefined;
  /** In the cuts that are of one: only of this. */
  readonly of?: string | undefined;
}

export interface UsageStore {
  progress(chain: string): Promise<UsageProgressRow | undefined>;
  /** The first instant that the roll-ups of any process tell of; undefined before the first. */
  firstAt(): Promise<number | undefined>;
  /**
   * Adds to the roll-ups and notes the progress: both or nothing. Rejects, with nothing written, when the progress that is stored is not
   * `fromSeq`, since those calls are counted already. The keys differ.
   */
  add(additions: readonly UsageAddition[], progress: UsageProgressRow & { readonly fromSeq: number }): Promise<void>;
  read(range: UsageRange): Promise<readonly UsageRow[]>;
  /** Which of these are environments of the workspace. */
  knownEnvironments(workspaceId: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Deletes roll-ups of minutes and of hours that started before these instants. Those of days stay. */
  sweep(limits: { readonly minutesBefore: number; readonly hoursBefore: number }): Promise<void>;
}
