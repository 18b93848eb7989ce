import type { Kysely } from "kysely";
import type { ToolTables } from "../store/index.ts";
import type { ContentBlock, ToolError } from "./content.ts";
import type { Evidence } from "./evidence/index.ts";
import type { Plan } from "./plan.ts";
import type { Catalogue, Explanation, Fetched, Mail, OutsideRequest } from "./surroundings.ts";
import type { UpstreamCredential } from "./upstream.ts";

/** Who calls, as far as a tool may know. */
export interface Caller {
  readonly clientId: string;
  /** The person the agent acts for, or the client id itself when it acts for nobody. */
  readonly subject: string;
  readonly workspaceId: string;
  /** Ids of the environments that the grant is limited to; absent for all. */
  readonly environments?: readonly string[];
  readonly grantId: string;
  /** Scopes of the token, sorted, without what they include. */
  readonly scopes: readonly string[];
  /** Everything held, included scopes too. */
  readonly held: ReadonlySet<string>;
  /** Epoch milliseconds at which the token ends. */
  readonly expiresAt: number;
}

export type LogLevel = "debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency";

/** The distributed trace that a request belongs to (W3C Trace Context and Baggage), to be passed on to systems that the code calls. */
export interface Trace {
  /** Its id, 32 hex digits; on record with the call. */
  readonly traceId: string;
  readonly traceparent: string;
  readonly tracestate?: string;
  /** Comes from the client: decide nothing on it, and send it to nobody who should not see it. */
  readonly baggage?: string;
}

/** What the client sent back for an `inputRequired` answer. Responses come from the client: check them. */
export interface RoundTripInput {
  readonly responses: Readonly<Record<string, unknown>>;
  /** The state that `inputRequired` was given, or undefined in the first round. */
  readonly state: unknown;
}

/** What every declaration's code gets beside its input. */
export interface CallContext<T = unknown> {
  readonly caller: Caller;
  /** A database handle on which every query is confined to the caller's workspace. */
  readonly db: Kysely<ToolTables & T>;
  /** Aborts when the client cancels or goes away, and at the deadline. */
  readonly signal: AbortSignal;
  readonly input: RoundTripInput;
  /** Undefined when the client named no well-formed one. */
  readonly trace: Trace | undefined;
  now(): number;
  /** Whether the client declared a capability, such as `{ sampling: {} }`, for this request. It is the client's word: decide nothing about security on it. */
  hasCapability(capability: Readonly<Record<string, object>>): boolean;
  /** Requires a capability of the client (MCP 2026-07-28 -32021), such as `{ sampling: {} }`. Ends the call when it was not declared. */
  requireCapability(capability: Readonly<Record<string, object>>): void;
  /**
   * A credential for a declared upstream, bound to it, for this caller, on record. The caller's own token is never passed on. Rejects for an
   * upstream that is not declared or whose secret nobody stored.
   */
  upstream(name: string): Promise<UpstreamCredential>;
  /** The public origin of this server, such as https://mcp.example.com. */
  readonly publicUrl: string;
  /** What this server declares, to everybody. */
  readonly catalogue: Catalogue;
  /** May the caller use this tool, and what would it need? The same decision that lists and calls are made by; undefined for a name that is not known. */
  explain(toolName: string): Explanation | undefined;
  /** What is on record about the caller's workspace. A tool that shows it needs a scope for that: this handle asks for none. */
  readonly evidence: Evidence;
  /**
   * Reads a URL that somebody chose: https and public addresses only, at most 256 KiB, within seconds, no redirects. Only for tools that say
   * `openWorld`; what comes back is another system's word. With `request` also to change something there: GET with `Accept: application/json`
   * without.
   */
  fetchUrl(url: string, request?: OutsideRequest): Promise<Fetched>;
  /** Sends a mail. False when this server sends none, or it was not taken. Only for tools that say `openWorld`. */
  mail(mail: Mail): Promise<boolean>;
  /** Seals a position in a list into a cursor that only this workspace and this list can use. */
  sealCursor(list: string, position: string): string;
  /** The position sealed in a cursor, or undefined when it was not made here for this list and workspace. */
  openCursor(list: string, cursor: string): string | undefined;
}

/** What a tool's `run` gets beside its input. Each emission resolves once the client's reader has taken it. */
export interface ToolContext<T = unknown> extends CallContext<T> {
  /** The plan that people approved for this call: put its versions into the conditions of what you write. Undefined when none was needed. */
  readonly plan: Plan | undefined;
  /**
   * Takes back a change by the id that its answer showed, if the caller may use the tool that made it and its time is not over. Returns what
   * that tool says about it, or a ToolError.
   */
  undo(changeId: string): Promise<string | ToolError>;
  /** Tells the client how far the call is. `progress` must grow. Nothing is sent to a client that did not ask for progress. */
  progress(progress: number, total?: number, message?: string): Promise<void>;
  /** Streams a part of the answer at once; all parts also stand at the front of the final result. */
  partial(...blocks: readonly (ContentBlock | string)[]): Promise<void>;
  /** A log message to the client, sent only at the level it asked for or above. */
  log(level: LogLevel, data: unknown, logger?: string): Promise<void>;
  /** Tells every open subscription of this server's clients that something changed. */
  notifyChanged(change: "tools" | "prompts" | "resources" | { readonly resource: string }): void;
}
