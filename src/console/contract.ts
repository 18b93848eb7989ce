/**
 * What the console's pages and `/console/api` say to each other. Types only: both sides import them and nothing else of each other.
 * Instants are milliseconds since 1970, durations are in milliseconds; `null` is "there is no such thing", 0 is zero.
 */

import type { ConnectClient } from "../connect/index.ts";

export type { ConnectClient };

export type ConsoleRole = "viewer" | "operator" | "admin";

/** GET session */
export interface Session {
  readonly person: { readonly name: string };
  readonly role: ConsoleRole;
  /** The one that is shown. The cookie `remit_workspace` (path `/console`, not a secret) chooses another. */
  readonly workspace: { readonly id: string; readonly name: string };
  /** All that the person belongs to. */
  readonly workspaces: readonly { readonly id: string; readonly name: string }[];
}

/** GET identities: who a call can be made as. */
export interface Identity {
  readonly id: string;
  /** Such as "mira@acme.example via Claude". */
  readonly label: string;
  /** Such as "agent" or "person". */
  readonly kind: string;
  readonly scopes: readonly string[];
}

export interface ScopeNeed {
  readonly scope: string;
  /** `null` where no identity was asked about. */
  readonly held: boolean | null;
}

export interface SurfaceTool {
  readonly name: string;
  readonly title: string | null;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema: Readonly<Record<string, unknown>> | null;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly scopes: readonly ScopeNeed[];
  /** What the tool costs in the list of an agent; estimated. */
  readonly tokens: number;
  readonly examples: readonly { readonly title: string; readonly arguments: Readonly<Record<string, unknown>> }[];
}

/** A resource (with its URI) or a prompt. */
export interface SurfaceOther {
  readonly name: string;
  readonly uri?: string;
  readonly mimeType?: string;
  /** Of a prompt. */
  readonly arguments?: readonly { readonly name: string; readonly description: string; readonly isRequired: boolean }[];
  readonly title: string | null;
  readonly description: string;
  readonly scopes: readonly ScopeNeed[];
  readonly tokens: number;
}

/** GET surface?as=IDENTITY&scope=NAMES: all that the server offers, what is missing told, not left out. `scope` narrows; "none" is no scope. */
export interface Surface {
  readonly mcpUrl: string;
  readonly tools: readonly SurfaceTool[];
  readonly resources: readonly SurfaceOther[];
  readonly prompts: readonly SurfaceOther[];
}

export type Era = "2026-07-28" | "2025-11-25";

/** POST call; POST explain for tools */
export interface CallOrder {
  readonly as: string;
  /** Left out: all that the identity has. */
  readonly scopes?: readonly string[];
  /** Left out: a tool. */
  readonly kind?: "tool" | "resource" | "prompt";
  /** Name of the tool or prompt; URI of the resource, or its template. */
  readonly tool: string;
  /** Of a template: the values of its variables. */
  readonly arguments: unknown;
  readonly era: Era;
}

/** Answer of POST explain: the checks in their order. */
export interface Explained {
  readonly allowed: boolean;
  /** In words. */
  readonly rule: string;
  readonly checks: readonly DecisionCheck[];
}

export interface DecisionCheck {
  readonly check: string;
  /** `ask`: people must approve it first; `skipped`: not reached. */
  readonly outcome: "pass" | "fail" | "ask" | "skipped";
  readonly needs: string;
  readonly has: string;
  /** What would change the outcome. */
  readonly change?: string;
}

/** Lines of POST call: what went over the wire, as it went; the token is blackened. The older era sends more than one request. */
export type CallLine =
  | {
      readonly type: "request";
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly type: "response"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /** One message of the answer; `atMs` since the request. */
  | { readonly type: "event"; readonly atMs: number; readonly message: unknown }
  | { readonly type: "end"; readonly ms: number; readonly explained: Explained | null };

/** GET saved-calls?tool=NAME answers a list; POST saved-calls takes one without `id`. */
export interface SavedCall {
  readonly id: string;
  readonly name: string;
  readonly tool: string;
  readonly arguments: unknown;
  readonly era: Era;
}

/** GET overview */
export interface Overview {
  /** Of the last 24 hours; `null` where nothing was measured. */
  readonly calls: number | null;
  readonly denied: number | null;
  readonly errors: number | null;
  readonly p95Ms: number | null;
  readonly agents: number | null;
  readonly health: { readonly state: "good" | "attention" | "bad"; readonly text: string };
  readonly attention: readonly AttentionItem[];
  /** How far a new installation came. */
  readonly steps: { readonly isConnected: boolean; readonly hasCalled: boolean };
  /** The newest decisions first, at most 20. */
  readonly recent: readonly LiveDecision[];
}

export interface AttentionItem {
  readonly id: string;
  readonly text: string;
  /** Where something can be done: a path below `/console`, or "" for the overview. */
  readonly path: string;
  readonly verb: string;
}

/** A line of GET overview/live. */
export interface LiveDecision {
  readonly seq: number;
  readonly at: number;
  readonly agent: string;
  readonly tool: string;
  readonly decision: "allow" | "deny" | "error" | "pending";
  readonly reason: string | null;
  readonly ms: number | null;
}

/** GET connect */
export interface Connect {
  readonly mcpUrl: string;
  readonly clients: readonly ConnectClient[];
}

/** A line of GET connect/live: an attempt to connect as it now is, at first those of the last minutes. */
export interface ConnectAttempt {
  readonly id: string;
  readonly startedAt: number;
  /** Self-declared. */
  readonly client: string;
  readonly state: "connected" | "stopped" | "under_way";
  readonly says: string;
  /** What helps; "" where nothing is wrong. */
  readonly remedy: string;
  readonly steps: readonly { readonly step: string; readonly outcome: "passed" | "waiting" | "failed"; readonly at: number }[];
}
