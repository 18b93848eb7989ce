/**
 * What the screens that show evidence and give access say to `/console/api`, beside `contract.ts`. Types only. Instants are milliseconds since
 * 1970, durations are in milliseconds; `null` is "there is no such thing", 0 is zero.
 */
import type { ConnectionView, SignedProof } from "../audit/index.ts";
import type { DecisionExplanation, FailureCluster, Plan, UsageFound, UsageGroup as FoundGroup } from "../tool/index.ts";

/** GET usage?by&since&until&every&sort&limit, and any of the dimensions as a filter: as `get_usage` has it. */
export interface Usage extends UsageFound {
  readonly groups: readonly UsageGroup[];
}

export interface UsageGroup extends FoundGroup {
  /** With `by=agent`: what the agent calls itself; null where it is not known. */
  readonly name?: string | null;
}

/** GET failures */
export interface Failures {
  /** The most frequent first. */
  readonly failures: readonly FailureCluster[];
}

/** A record as it was written, with its place in the chain. Also a line of GET ledger/tail?q. */
export type LedgerRecord = Readonly<Record<string, unknown>> & { readonly seq: number };

/** GET ledger?q&before&limit */
export interface LedgerPage {
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
  /** `before` of the next page; null on the last. */
  readonly next: number | null;
  /** What the agents of these records call themselves, and who the people are, by their ids. */
  readonly names: Readonly<Record<string, string>>;
}

/**
 * GET ledger/export?q is a file of JSON Lines, the oldest first: the whole chain when the server has one workspace and nothing is searched for,
 * so that `remit audit verify --file` can check it; otherwise the records of the workspace that the search finds.
 */

/** GET ledger/SEQ */
export interface LedgerDetail {
  readonly record: LedgerRecord;
  /** Why it was decided so; null for records of something else than calls. */
  readonly trace: DecisionExplanation | null;
  readonly proof: {
    readonly hash: string;
    readonly previous: string;
    /** The way to the root of the newest checkpoint; null while none covers the record. */
    readonly signed: SignedProof | null;
  };
}

/** A line of POST ledger/verify: how far it came, and at last how it ended. */
export type VerifyLine =
  | { readonly checked: number; readonly of: number }
  | {
      readonly ok: boolean;
      readonly records: number;
      /** So many of them are covered by a checkpoint whose signature is good. */
      readonly signed: number;
      readonly problems: readonly string[];
    };

export interface Client {
  readonly id: string;
  /** Its own claim; who it is, is its id. */
  readonly name: string;
  readonly kind: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly disabledAt: number | null;
}

/** GET clients */
export interface Clients {
  readonly clients: readonly Client[];
  /** Every scope that tools ask for. */
  readonly scopes: readonly string[];
}

/** Answer of POST agents, which takes `{ name, scopes }`. */
export interface Credentials {
  readonly clientId: string;
  /** Shown this once. */
  readonly clientSecret: string | null;
}

export interface Grant {
  readonly id: string;
  readonly kind: string;
  readonly clientId: string;
  readonly clientName: string;
  /** Whom it acts for; null for a machine. */
  readonly subject: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** GET grants: live ones, newest first. */
export interface Grants {
  readonly grants: readonly Grant[];
}

/** What a grant allows against what was used of it. */
export interface Advice {
  readonly grant: string;
  readonly agent: string;
  /** The agent's own claim. */
  readonly agentName: string;
  readonly granted: readonly string[];
  readonly used: readonly string[];
  readonly proposed: readonly string[];
  readonly calls: number;
  readonly last_used_at: number | null;
  readonly state: "in_use" | "dormant" | "young";
  readonly is_narrower: boolean;
}

/** GET least-privilege; POST least-privilege/apply takes `{ agent, days }`. */
export interface LeastPrivilege {
  readonly days: number;
  readonly grants: readonly Advice[];
}

export interface KillCall {
  readonly seq: number | null;
  readonly at: number;
}

/** A use of the kill switch with its receipt. POST kill takes `{ kind, value, reason }`. */
export interface Kill {
  readonly id: string;
  readonly kind: "agent" | "grant" | "user" | "tool" | "environment" | "workspace";
  readonly value: string;
  /** What the agent calls itself, or the email of the person; null for others. */
  readonly label: string | null;
  readonly reason: string | null;
  readonly ordered_at: number;
  readonly applied_at: number | null;
  readonly lifted_at: number | null;
  /** The last call that was let through before it. */
  readonly accepted: KillCall | null;
  /** The first that was refused since. */
  readonly refused: KillCall | null;
}

/** GET kills: the newest first. */
export interface Kills {
  readonly kills: readonly Kill[];
}

/** GET connections: the newest first. */
export interface ConnectionList {
  readonly connections: readonly Omit<ConnectionView, "link">[];
}

/** GET approvals/ID: a call that waits, as the person sees it who asks. POST approvals/ID/approve|refuse takes `{ digest, reason }`. */
export interface Approval {
  readonly id: string;
  readonly state: "pending" | "approved" | "refused" | "used" | "void" | "expired";
  readonly clientId: string;
  /** The agent's own claim. */
  readonly clientName: string;
  /** Email of the person who made the call as the agent from the console: they cannot approve it. */
  readonly madeBy: string | null;
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

/** One of many: what is looked at before a decision comes with GET approvals/ID. */
export type WaitingApproval = Omit<Approval, "arguments" | "plan" | "digest"> & { readonly summary: string };

/** GET approvals: those that wait. */
export interface Approvals {
  readonly approvals: readonly WaitingApproval[];
}

/** POST changes/ID/undo takes it back. */
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

/** GET changes: the newest first. */
export interface Changes {
  readonly changes: readonly Change[];
}

/** GET health: the checks of `remit doctor`, in the order in which what is wrong should be mended. */
export interface Health {
  readonly version: string;
  readonly checks: readonly HealthCheck[];
  /** What the server stands on: its keys, what becomes of records, who gives access, who watches, versions. */
  readonly about: readonly HealthFacts[];
}

export interface HealthFacts {
  readonly title: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

export interface HealthCheck {
  readonly id: string;
  readonly title: string;
  readonly state: "ok" | "warn" | "fail";
  readonly says: string;
  /** What to do; absent where nothing is to be done. */
  readonly next?: string;
}
