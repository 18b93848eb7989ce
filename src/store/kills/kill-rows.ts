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

export interface KillStore {
  add(row: KillRow): Promise<void>;
  /** The newest first. */
  list(limit: number): Promise<readonly KillRow[]>;
  find(id: string): Promise<KillRow | undefined>;
  /** Those on tools, environments and workspaces that are not lifted. */
  standing(): Promise<readonly StandingKill[]>;
  /** Those that refused nothing yet and are younger than `after`. */
  waiting(after: number): Promise<readonly KillRow[]>;
  apply(id: string, applied: Pick<KillRow, "applied_at" | "accepted">): Promise<void>;
  /** Notes the first call that was refused; false when one is noted already. */
  refuse(id: string, refused: string): Promise<boolean>;
  lift(id: string, at: number): Promise<void>;
}
