/** Rows, not meaning. Nothing above this folder knows which engine is below, or assumes that it is the only process. */
import type { Kysely } from "kysely";
import type { FailureStore } from "./failures/index.ts";
import type { ConnectionStore } from "./connections/index.ts";
import type { FeedStore } from "./feeds/index.ts";
import type { KillStore } from "./kills/index.ts";
import type { SavedCallStore } from "./saved-calls/index.ts";
import type { SurfaceStore } from "./surfaces/index.ts";
import type { UsageStore } from "./usage/index.ts";
import type { TablesModule } from "./tables-module.ts";
import type {
  ApprovalRow,
  ChangeEntryRow,
  ClientRow,
  CoreTables,
  DeviceRow,
  GrantRow,
  McpEventRow,
  McpSessionRow,
  OidcPayloadRow,
  PolicyCountRow,
  PolicyRuleRow,
  RefreshTokenRow,
  RevocationRow,
  SigningKeyRow,
  StoredResultRow,
  TaskRow,
  ToolTables,
} from "./tables.ts";

export { claimEmbedded, copyEmbedded, openLedgerReader, openStore, type StoreOptions } from "./open.ts";
export { defineTables, type TablesModule, type MigrationContext } from "./tables-module.ts";
export { isUniqueViolation } from "./unique-violation.ts";
export { ConfinementError } from "./workspace/index.ts";
export type * from "./tables.ts";
export type { FailureRow, FailureStore } from "./failures/index.ts";
export type { ConnectionRow, ConnectionStore } from "./connections/index.ts";
export type { SavedCallStore } from "./saved-calls/index.ts";
export type { FeedStore } from "./feeds/index.ts";
export type { KillKind, KillRow, KillStore, StandingKill } from "./kills/index.ts";
export type { SurfaceStore } from "./surfaces/index.ts";
export type { UsageAddition, UsageCut, UsageGrain, UsageKey, UsageRange, UsageRow, UsageStore } from "./usage/index.ts";

/** One record of the ledger as stored. `prev` and `hash` are 32 bytes; `body` is one line of JSON. */
export interface LedgerRow {
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly hash: Uint8Array;
  /** `intent` and `outcome` rows share `ref`; all other kinds stand alone. */
  readonly kind: string;
  readonly ref: string | null;
  readonly body: string;
}

/** Which rows a scan is about. */
export interface LedgerScan {
  /** Rows from here on, this one not included. */
  readonly after: number;
  /** Rows up to here, this one included. */
  readonly upTo: number;
  /** Each of these texts stands in the body, exactly so. */
  readonly contains: readonly string[];
  readonly newestFirst: boolean;
}

/** One append-only chain of records with one writer. */
export interface LedgerStore {
  /** The last durable row, or undefined for an empty chain. */
  head(): Promise<Pick<LedgerRow, "seq" | "hash"> | undefined>;
  /** Writes all rows or none; when it resolves they survive a power loss. Rejects when they cannot be written. */
  append(rows: readonly LedgerRow[]): Promise<void>;
  /** Up to `limit` rows with `seq` greater than `after`, in order. */
  read(after: number, limit: number): Promise<readonly LedgerRow[]>;
  /** Up to `limit` of the rows in a range of sequence numbers whose body has certain parts. It reads every row of the range. */
  scan(range: LedgerScan, limit: number): Promise<readonly LedgerRow[]>;
  /** Replaces the text of rows by what is left of them; all or none. */
  prune(rows: readonly Pick<LedgerRow, "seq" | "body">[]): Promise<void>;
  /** The bodies of `intent` rows whose `ref` has no `outcome` row, in order. */
  openIntents(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The part of a ledger that needs no writer. */
export type LedgerReader = Pick<LedgerStore, "head" | "read" | "scan" | "openIntents" | "close">;

export interface ClientStore {
  /** Inserts the client, with its standing grant when it has one. */
  create(client: ClientRow, grant?: GrantRow): Promise<void>;
  /** Inserts the client or, when its id is known, replaces its name, auth_method, jwks and metadata; policy and state stay. */
  put(client: ClientRow): Promise<void>;
  find(id: string): Promise<ClientRow | undefined>;
  list(): Promise<readonly ClientRow[]>;
  /** False when it was disabled already or does not exist. */
  disable(id: string, at: number): Promise<boolean>;
  /** False when it was not disabled or does not exist. */
  enable(id: string): Promise<boolean>;
  /** False when there is no such client. */
  setChallenge(id: string, challenge: ClientRow["challenge"]): Promise<boolean>;
  /** Notes that it got a token. */
  touch(id: string, at: number): Promise<void>;
  /** How many clients registered themselves. */
  countRegistered(): Promise<number>;
  /** Deletes clients that registered themselves and never got a token since before `unusedBefore`, or were last used before `idleBefore`, and have no live grant. */
  sweepRegistered(unusedBefore: number, idleBefore: number): Promise<number>;
}

export interface GrantStore {
  create(grant: GrantRow): Promise<void>;
  find(id: string): Promise<GrantRow | undefined>;
  /** The grant with what its client, its account and its membership say now. */
  findWithParties(id: string): Promise<GrantWithParties | undefined>;
  /**
   * Adds to the live grant of kind `person` with the same client, subject, workspace and redirect host, or inserts this one. Of any number of parallel callers all
   * get the same grant. `merge` gives the new row from the present one (undefined when there is none).
   */
  consent(key: ConsentKey, merge: (present: GrantRow | undefined) => GrantRow): Promise<GrantRow>;
  /** Inserts a grant whose parent is live at `at`, or returns false with nothing written. */
  createChild(grant: GrantRow, at: number): Promise<boolean>;
  /** Revokes it and all that were narrowed from it, at any depth. Returns the ids that were live until now, its own first. */
  revoke(id: string, at: number): Promise<readonly string[]>;
}

/** A grant, and of those whom it concerns what decides what it allows; null where there is none of them. */
export interface GrantWithParties extends Pick<
  GrantRow,
  "id" | "kind" | "workspace_id" | "client_id" | "subject" | "scopes" | "expires_at" | "revoked_at"
> {
  readonly surface: string | null;
  readonly known_client: string | null;
  readonly client_workspace: string | null;
  readonly policy: string | null;
  readonly client_disabled_at: number | null;
  readonly used_at: number | null;
  readonly known_account: string | null;
  readonly account_disabled_at: number | null;
  readonly role: "owner" | "admin" | "member" | "viewer" | null;
  /** When its workspace was stopped. */
  readonly stopped_at: number | null | undefined;
}

export type ConsentKey = Pick<GrantRow, "client_id" | "subject" | "workspace_id" | "redirect_host">;

export interface RefreshTokenStore {
  create(row: RefreshTokenRow): Promise<void>;
  find(idHash: string): Promise<RefreshTokenRow | undefined>;
  /** Marks the token as used with the sealed answer and inserts its successor, both or nothing. True for exactly one of any number of parallel callers. */
  rotate(idHash: string, used: { readonly at: number; readonly successor: string }, next: RefreshTokenRow): Promise<boolean>;
  /** Takes a rotation back whose successor nobody got. False when that was used or ended meanwhile; then nothing is changed. */
  unrotate(idHash: string, nextIdHash: string): Promise<boolean>;
  endFamily(familyId: string): Promise<void>;
  endGrant(grantId: string): Promise<void>;
  /** All of grants to a client, or of a subject. */
  endParty(column: "client_id" | "subject", id: string): Promise<void>;
  sweep(now: number): Promise<number>;
}

export interface DeviceStore {
  create(row: DeviceRow): Promise<void>;
  find(idHash: string): Promise<DeviceRow | undefined>;
  findByUserCode(userCode: string): Promise<DeviceRow | undefined>;
  /** Notes a poll; returns when the previous one was, or undefined for the first. */
  poll(idHash: string, at: number, intervalSeconds: number): Promise<number | undefined>;
  /** True when no other session had claimed it. */
  claim(idHash: string, session: string): Promise<boolean>;
  /** From `pending`, by the session that claimed it. True for exactly one caller. */
  decide(
    idHash: string,
    session: string,
    decision: { readonly state: "approved"; readonly grantId: string; readonly scopes: string } | { readonly state: "denied" },
  ): Promise<boolean>;
  /** From `approved`; true for exactly one caller. */
  use(idHash: string): Promise<boolean>;
  sweep(now: number): Promise<number>;
}

export interface SigningKeyStore {
  list(): Promise<readonly SigningKeyRow[]>;
  /** Applies the whole change or, when the keys are no longer those of `expected` (kid and state of each), nothing: false. */
  replace(expected: readonly SigningKeyRow[], next: readonly SigningKeyRow[]): Promise<boolean>;
}

/** Storage of the authorization server's engine. One-time use is atomic here, not in the engine. */
export interface OidcPayloadStore {
  upsert(row: OidcPayloadRow): Promise<void>;
  /** False when a row that has not expired has this model and id. */
  insertIfAbsent(row: OidcPayloadRow, now: number): Promise<boolean>;
  find(model: string, idHash: string): Promise<OidcPayloadRow | undefined>;
  findByUid(model: string, uid: string): Promise<OidcPayloadRow | undefined>;
  findByUserCode(model: string, userCode: string): Promise<OidcPayloadRow | undefined>;
  /** True for exactly one of any number of parallel callers. */
  consume(model: string, idHash: string, at: number): Promise<boolean>;
  destroy(model: string, idHash: string): Promise<void>;
  destroyByGrant(grantId: string): Promise<void>;
  /** Deletes what expired before `now`; returns how many rows. */
  sweep(now: number): Promise<number>;
}

export interface RevocationStore {
  add(row: RevocationRow): Promise<void>;
  /** Rows with `at` of at least `since`. Call with an overlap: commits may arrive out of order. */
  since(since: number): Promise<readonly RevocationRow[]>;
  /** Whether the family was revoked at or after `since`, or its grant is, or the client or the person of that is disabled, or its workspace stopped. */
  endsFamily(family: { readonly familyId: string; readonly grantId: string }, since: number): Promise<boolean>;
  sweep(before: number): Promise<number>;
}

/** Sessions of clients older than MCP 2026-07-28. Deleting one deletes its events. */
export interface SessionStore {
  /** Inserts the session; when its principal has more than so many, the least recently used go. Returns the id_hash of each that went. */
  create(row: McpSessionRow, maxOfPrincipal: number): Promise<readonly string[]>;
  find(idHash: string): Promise<McpSessionRow | undefined>;
  update(idHash: string, change: Partial<Pick<McpSessionRow, "log_level" | "subscriptions" | "used_at">>): Promise<void>;
  delete(idHash: string): Promise<void>;
  appendEvent(row: McpEventRow): Promise<void>;
  /** Events of one stream with `seq` greater than `after`, in order. */
  readEvents(sessionHash: string, stream: string, after: number): Promise<readonly McpEventRow[]>;
  /** The `seq` of the newest event of one stream; undefined when there is none. */
  lastEvent(sessionHash: string, stream: string): Promise<number | undefined>;
  sweep(limits: { readonly unusedSince: number; readonly eventsBefore: number }): Promise<void>;
}

/** The principal that a task belongs to. */
export interface TaskOwner {
  readonly workspaceId: string;
  readonly clientId: string;
  readonly subject: string;
}

/** How many tasks an agent may have: not finished yet, and in all. */
export interface TaskLimits {
  readonly unfinished: number;
  readonly kept: number;
}

export interface TaskStore {
  /** Inserts the task unless its agent has too many already, however many are created at once. */
  create(row: TaskRow, limits: TaskLimits): Promise<"created" | "too_many_unfinished" | "too_many_kept">;
  /** The task, if it belongs to this principal and has not expired. */
  find(id: string, owner: TaskOwner, now: number): Promise<TaskRow | undefined>;
  /** Those of the tasks that `find` would give. */
  findAll(ids: readonly string[], owner: TaskOwner, now: number): Promise<readonly TaskRow[]>;
  /** Applies the change while the row still has this version, and raises it. True for exactly one of any number of parallel callers. */
  change(id: string, version: number, change: Partial<Omit<TaskRow, "id" | "version">>): Promise<boolean>;
  /** Sets the message of the present version, without raising it. */
  note(id: string, version: number, note: { readonly message: string; readonly at: number }): Promise<void>;
  /** Extends the leases of these tasks; returns the ids of those that this instance still runs. */
  renew(ids: readonly string[], instance: string, leaseUntil: number): Promise<readonly string[]>;
  remove(id: string): Promise<void>;
  /** Deletes what has expired; returns how many rows. */
  sweep(now: number): Promise<number>;
}

/** What is kept for one principal. */
export interface ResultLimits {
  readonly results: number;
  readonly bytes: number;
}

/** One part of a stored result, and whose it must be. */
export interface ResultKey {
  readonly id: string;
  readonly part: number;
  readonly workspaceId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly tool: string;
}

export interface ResultStore {
  /** Inserts the parts of one result, all or none, and deletes the oldest results of its principal that are beyond the limits. */
  add(rows: readonly StoredResultRow[], limits: ResultLimits): Promise<void>;
  /** Undefined also for what has expired, and for what is of another principal or tool. */
  find(key: ResultKey, now: number): Promise<StoredResultRow | undefined>;
  /** Deletes what expired before `now`; returns how many rows. */
  sweep(now: number): Promise<number>;
}

/** Calls that wait for a person. At most one of a call is open (`pending` or `approved`). */
export interface ApprovalStore {
  /** Inserts the row, or returns the open one of the same call; undefined when that was closed at this moment. */
  open(row: ApprovalRow): Promise<ApprovalRow | undefined>;
  findOpen(callDigest: string): Promise<ApprovalRow | undefined>;
  find(id: string): Promise<ApprovalRow | undefined>;
  /** The newest refusal of this call that is not older than `since`. */
  findRefused(callDigest: string, since: number): Promise<ApprovalRow | undefined>;
  /** Changes the row if nobody has decided since it was read. True for exactly one of any number of parallel callers. */
  change(row: ApprovalRow, set: Partial<ApprovalRow>): Promise<boolean>;
  /** Those that are pending, the oldest first, at most 200. */
  waiting(workspaceId: string, now: number): Promise<readonly ApprovalRow[]>;
  /** How many of an agent are pending. */
  countWaiting(workspaceId: string, clientId: string, now: number): Promise<number>;
  sweep(before: number): Promise<void>;
}

export type ChangeKey = Pick<ChangeEntryRow, "workspace_id" | "client_id" | "subject" | "tool" | "key_hash">;

/** What is said of a change that can be undone. */
export type UndoableRow = Pick<
  ChangeEntryRow,
  "id" | "tool" | "client_id" | "state" | "sealed_summary" | "undo_until" | "undone_at" | "created_at"
>;

/** What calls changed, by their idempotency keys. */
export interface ChangeEntryStore {
  /** Inserts the row and returns undefined, or returns the one that has its key. Of any number of parallel callers one inserts. */
  begin(row: ChangeEntryRow): Promise<ChangeEntryRow | undefined>;
  find(id: string): Promise<ChangeEntryRow | undefined>;
  /** Those of a workspace that can or could be undone, the newest first. */
  undoable(workspaceId: string, limit: number): Promise<readonly UndoableRow[]>;
  findByKey(key: ChangeKey): Promise<ChangeEntryRow | undefined>;
  /** Takes the key from an entry, so that another may have it. */
  release(id: string): Promise<void>;
  /** True for exactly one of any number of parallel callers. */
  change(id: string, from: ChangeEntryRow["state"], set: Partial<ChangeEntryRow>): Promise<boolean>;
  delete(id: string): Promise<void>;
  sweep(now: number): Promise<void>;
}

/** Rules in force, and how often what is limited was called. */
export interface PolicyStore {
  /** Another one than before when any rule was set or removed. */
  revision(): Promise<number>;
  list(): Promise<readonly PolicyRuleRow[]>;
  find(workspaceId: string, place: string): Promise<PolicyRuleRow | undefined>;
  findById(id: string): Promise<PolicyRuleRow | undefined>;
  /** Puts the rule in force, in the place of the one that is there. */
  set(rule: Omit<PolicyRuleRow, "revision" | "removed_at">): Promise<void>;
  /** False when it is not in force. */
  remove(id: string, at: number): Promise<boolean>;
  /** Adds `calls` of each row to what was counted, by any process; returns the totals. Rows have different keys. */
  count(rows: readonly PolicyCountRow[]): Promise<readonly PolicyCountRow[]>;
  sweepCounts(before: number): Promise<void>;
}

export interface Store {
  /** All core tables, for the code that owns them. */
  readonly db: Kysely<CoreTables>;
  readonly clients: ClientStore;
  readonly grants: GrantStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly devices: DeviceStore;
  readonly signingKeys: SigningKeyStore;
  readonly sessions: SessionStore;
  readonly approvals: ApprovalStore;
  readonly changeEntries: ChangeEntryStore;
  readonly policies: PolicyStore;
  readonly tasks: TaskStore;
  readonly oidcPayloads: OidcPayloadStore;
  readonly failures: FailureStore;
  readonly connections: ConnectionStore;
  readonly feeds: FeedStore;
  readonly kills: KillStore;
  readonly savedCalls: SavedCallStore;
  readonly surfaces: SurfaceStore;
  readonly usage: UsageStore;
  readonly revocations: RevocationStore;
  readonly results: ResultStore;
  /** The ledger's chain of this process. Opened when first asked for; one writer a chain. */
  openLedger(): Promise<LedgerStore>;
  /**
   * A handle on which every query is confined to one workspace, whatever the query says. With `environmentIds` also to these environments
   * of it (none when empty): in the table of environments and in each table that names the column of its environment.
   */
  inWorkspace(workspaceId: string, environmentIds?: readonly string[]): Kysely<ToolTables>;
  /** Brings core tables and those of the given modules to their newest form. */
  migrate(modules: readonly TablesModule[]): Promise<void>;
  /** Resolves when the store answers; rejects when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
