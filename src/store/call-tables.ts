/** Rows of what calls leave behind: sessions, tasks, results, approvals, changes and the policy that they are under. */

/**
 * A tool call that goes on after it was answered (MCP extension `io.modelcontextprotocol/tasks`), with the principal that it belongs to.
 */
export interface TaskRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly tool: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly status_message: string | null;
  /** What the present run was given, encrypted at rest. */
  readonly sealed_input: string;
  /** What was asked for, the result or the error, as the status says; encrypted at rest. */
  readonly sealed_state: string | null;
  /** Counts the runs that ended with a question. */
  readonly round: number;
  /** Raised by one on each change of the status. */
  readonly version: number;
  /** The process that runs it: its node, and a random id of its own. */
  readonly node: string;
  readonly instance: string;
  /** Not renewed until then, its process is gone. */
  readonly lease_until: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number;
}

/** One part of a result that did not fit in one answer, with the principal and the tool that it belongs to. */
export interface StoredResultRow {
  readonly id: string;
  /** Counts from 2: the first part was answered at once. */
  readonly part: number;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly tool: string;
  /** The answer, encrypted at rest. */
  readonly sealed: string;
  /** Length of `sealed`. */
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at: number;
}

/**
 * A session of a client older than MCP 2026-07-28, with the principal and audience that it is bound to. The id is stored as a SHA-256.
 */
export interface McpSessionRow {
  readonly id_hash: string;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  /** Canonical URL of the protected resource. */
  readonly resource: string;
  /** Revision that was agreed on, such as `2025-11-25`. */
  readonly protocol: string;
  /** What the client declared in `initialize`, as JSON. */
  readonly capabilities: string;
  /** Its software as it names itself there, "name/version"; "" for none. Optional, since few who open a session know of it. */
  readonly client?: string;
  readonly log_level: string | null;
  /** URIs of resources whose updates it wants, a JSON array. */
  readonly subscriptions: string;
  readonly created_at: number;
  readonly used_at: number;
}

/** One event of a session's stream, encrypted at rest, kept to be sent again to a client that lost its connection. */
export interface McpEventRow {
  readonly session_hash: string;
  readonly stream: string;
  /** Counts from 0 in each stream. */
  readonly seq: number;
  readonly sealed: string;
  readonly at: number;
}

/**
 * A call that waits for a person. What exactly is approved is in `call_digest` (who calls which tool with which arguments under which grant)
 * and `plan_digest` (the versions of the resources it would change).
 */
export interface ApprovalRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly grant_id: string;
  readonly tool: string;
  readonly call_digest: string;
  readonly plan_digest: string;
  /** Arguments and plan as JSON, encrypted at rest. */
  readonly sealed: string;
  readonly state: "pending" | "approved" | "refused" | "used" | "void";
  readonly approvers_needed: number;
  /** Ids of those who act in the agent's place, a JSON array: none of them may approve it. Null for the agent itself. */
  readonly made_by: string | null;
  /** Ids of the accounts that approved, a JSON array. */
  readonly approved_by: string;
  /** The account that approved last, or refused. */
  readonly decided_by: string | null;
  readonly reason: string | null;
  readonly requested_at: number;
  readonly expires_at: number;
  readonly decided_at: number | null;
  /** Id of the decision of the call that used it. */
  readonly decision: string | null;
}

/** A change that a call made or is making, under its idempotency key. */
export interface ChangeEntryRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly tool: string;
  /** SHA-256 of the key. */
  readonly key_hash: string;
  readonly arguments_digest: string;
  /** `unknown`: it was cut off, and nobody knows how far it came. */
  readonly state: "running" | "done" | "unknown" | "undoing" | "undone";
  readonly decision: string;
  /** Random id of the process that runs it. */
  readonly instance: string;
  readonly sealed_answer: string | null;
  /** What it takes to undo it, encrypted at rest; null when it cannot be. */
  readonly sealed_undo: string | null;
  readonly undo_until: number | null;
  /** What it did, in words, encrypted at rest; null for what cannot be undone. */
  readonly sealed_summary: string | null;
  readonly undone_at: number | null;
  readonly created_at: number;
  /** Until then, a call with the same key is answered with the same answer. */
  readonly replay_until: number;
  readonly expires_at: number;
}

/** One thing that an operator said about an agent, or about every agent of a workspace. A rule that was removed stays, for the record. */
export interface PolicyRuleRow {
  readonly id: string;
  readonly workspace_id: string;
  /** Null for every agent of the workspace. */
  readonly client_id: string | null;
  /** Name of the one tool that it is about. */
  readonly tool: string | null;
  /** The effect of all that it is about; null with `tool` null for everything. */
  readonly effect: "read" | "write" | "destructive" | null;
  readonly action: "allow" | "deny" | "approve" | "read_only" | "environment" | "limit";
  /** How many people must approve: 1 or 2, of an `approve` rule only. */
  readonly approvers: number | null;
  /** The environment that an `environment` rule lets in. */
  readonly environment_id: string | null;
  /** Calls in 1000 seconds that a `limit` rule lets an agent make over time. */
  readonly per_1000_seconds: number | null;
  /** Calls a day (UTC) that a `limit` rule lets an agent make. */
  readonly per_day: number | null;
  /** What it speaks about; at each place one rule of a workspace is in force. */
  readonly place: string;
  /** Grows with each change of any rule, so that the greatest one tells whether there was a change. */
  readonly revision: number;
  readonly created_at: number;
  readonly removed_at: number | null;
}

/** How often an agent made calls of one kind on one day. */
export interface PolicyCountRow {
  readonly workspace_id: string;
  readonly client_id: string;
  /** The calls that are counted together. */
  readonly place: string;
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly calls: number;
}
