/** What a kill can be aimed at. */
export type KillKind = "agent" | "grant" | "user" | "tool" | "environment" | "workspace";

/** A use of the kill switch, with its receipt. Instants are epoch milliseconds. */
export interface KillRow {
  readonly id: string;
  readonly kind: KillKind;
  /** Client id, grant id, account id, name of the tool, or id of the environment or workspace. */
  readonly value: string;
  /** Null for what is of no one workspace. */
  readonly workspace_id: string | null;
  readonly reason: string | null;
  /** Account of the person who ordered it at the console; null for an operator of the server. */
  readonly ordered_by: string | null;
  readonly ordered_at: number;
  /** When it was in force in the process that took the order. */
  readonly applied_at: number | null;
  /** The last call that was accepted and the first that was refused, as JSON (`KillCall`); null for none. */
  readonly accepted: string | null;
  readonly refused: string | null;
  readonly lifted_at: number | null;
}

/** What stands against calls while it is not lifted. */
export type StandingKill = Pick<KillRow, "id" | "kind" | "value" | "workspace_id">;

/** How many refresh tokens, sessions, tasks and approvals a kill ended. */
export interface EndedRows {
  readonly refresh_tokens: number;
  readonly sessions: number;
  readonly tasks: number;
  readonly approvals: number;
}

export interface KillStore {
  add(row: KillRow): Promise<void>;
  /** The newest first: all, or those that are about one workspace and nothing beyond it. */
  list(limit: number, workspaceId?: string): Promise<readonly KillRow[]>;
  find(id: string): Promise<KillRow | undefined>;
  /** Those on tools, environments and workspaces that are not lifted. */
  standing(): Promise<readonly StandingKill[]>;
  /** Those that refused nothing yet and are younger than `after`. */
  waiting(after: number): Promise<readonly KillRow[]>;
  apply(id: string, applied: Pick<KillRow, "applied_at" | "accepted">): Promise<void>;
  /** Notes the first call that was refused; false when one is noted already. */
  refuse(id: string, refused: string): Promise<boolean>;
  /** Ends what waits or is kept of what is killed, and counts it. */
  end(kill: Pick<KillRow, "kind" | "value" | "workspace_id">, at: number): Promise<EndedRows>;
  /** Those that were ordered and not carried out, because the process ended in between. */
  unapplied(): Promise<readonly KillRow[]>;
  /** Since when kills of the same target stood without a gap; undefined when it was lifted before or another one still stands. */
  lift(id: string, at: number): Promise<number | undefined>;
}
