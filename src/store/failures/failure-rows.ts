/** Calls of one workspace that went wrong in the same way. Texts that do not apply are empty. */
export interface FailureRow {
  /** Made of the workspace, cause, target, path and detail. */
  readonly id: string;
  readonly workspace_id: string;
  readonly cause: string;
  /** The tool, prompt or resource, as declared or, when nothing has that name, as it came. */
  readonly target: string;
  /** JSON Pointer into the arguments, `*` for the items of lists. */
  readonly path: string;
  /** The name that is not known, the type that came, or the scope that was missing. */
  readonly detail: string;
  readonly expected: string;
  readonly suggestion: string;
  readonly calls: number;
  /** Client ids of those that made such calls, a JSON array; not more than a few. */
  readonly agents: string;
  readonly first_at: number;
  readonly last_at: number;
  /** The newest of these decisions. */
  readonly decision: string;
  /** Arguments and scopes of that call as they stand on record, JSON. */
  readonly example: string;
}

/** How far the ledger of one process has been worked into the clusters. */
export interface FailureProgressRow {
  readonly chain: string;
  readonly through_seq: number;
}

export interface FailureSearch {
  /** Undefined for all. */
  readonly workspaceId?: string | undefined;
  readonly cause?: string | undefined;
  readonly target?: string | undefined;
  /** Those that happened at or after this; epoch milliseconds. */
  readonly since?: number | undefined;
  readonly limit: number;
}

export interface FailureStore {
  /** The last record of the chain that is counted; 0 for none. */
  through(chain: string): Promise<number>;
  /** Adds rows to those that have their id, and notes the progress: both or nothing. Rows have different ids. */
  add(rows: readonly FailureRow[], progress: FailureProgressRow): Promise<void>;
  /** The most frequent first. */
  list(search: FailureSearch): Promise<readonly FailureRow[]>;
  find(id: string): Promise<FailureRow | undefined>;
  /** Deletes what did not happen since `before`, and of workspaces with more rows than `maxRows` the rarest, the oldest first. */
  sweep(limits: { readonly before: number; readonly maxRows: number }): Promise<void>;
}
