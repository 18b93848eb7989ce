/** What an endpoint of `/console/api` is: who may use it, and what it does. `api/index.ts` is the table of them. */
import type { Approvals } from "../approvals/index.ts";
import type { Audit, Connections, FoundRecord, Ledger, UsageOperator } from "../audit/index.ts";
import type { CallPath, ExplainOperator, FailureOperator, KillOperator, PolicyOperator } from "../call/index.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Issuer } from "../oauth/index.ts";
import type { LedgerReader, Store } from "../store/index.ts";
import type { Evidence, Registry, Role } from "../tool/index.ts";
import type { ConsoleRole } from "./contract.ts";

/** Who asks: a person who is signed in, in one of their workspaces. Nothing of another workspace may be shown to them or changed by them. */
export interface ConsolePerson {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly role: ConsoleRole;
  /** What they are in the workspace: what they may let an agent have follows from it. */
  readonly member: Role;
}

export interface Problems {
  readonly problems: readonly string[];
}

/** What an operator may do that is about access. None of it looks at workspaces: that what is named is of the person's own is for the endpoint to check. */
export interface AccessOperator {
  createAgent(agent: {
    readonly name: string;
    readonly scopes: readonly string[];
    readonly workspaceId?: string | undefined;
    readonly createdBy?: string | undefined;
  }): Promise<{ readonly clientId: string; readonly clientSecret?: string; readonly scope: string } | Problems>;
  disableAgent(clientId: string, by?: string): Promise<true | Problems>;
  enableAgent(clientId: string, by?: string): Promise<true | Problems>;
  revokeGrant(grantId: string, by?: string): Promise<true | Problems>;
}

export interface ConsoleOperator
  extends AccessOperator, PolicyOperator, ExplainOperator, FailureOperator, Omit<KillOperator, "resumeKills">, UsageOperator {
  /** The public key of the ledger's checkpoints. */
  ledgerKey(): string;
  /** How each part of the server is, in the order in which what is wrong should be mended. Never rejects. */
  checkHealth(): Promise<readonly HealthFinding[]>;
}

/** What was found out about one part of the server: the checks of `remit doctor`. */
interface HealthFinding {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed";
  readonly detail: string;
  readonly next: string | undefined;
}

/** The doors of other rooms that endpoints go through. */
export interface ConsoleDoors {
  /** What people know the server by. */
  readonly name: string;
  /** The public origin, without a slash. */
  readonly url: string;
  readonly mcpUrl: string;
  readonly config: Config;
  readonly now: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly registry: Registry;
  readonly path: Pick<CallPath, "callTool" | "undoing">;
  readonly operator: ConsoleOperator;
  readonly issuer: Pick<Issuer, "issueTrialToken">;
  /** A request to this very server, as it would come over the wire; the answer streams. */
  readonly send: (request: Request) => Promise<Response>;
  readonly approvals: Pick<Approvals, "view" | "queue" | "decide">;
  readonly connections: Pick<Connections, "list" | "find">;
  readonly ledger: Pick<Ledger, "isWritable">;
  /** The rows themselves; all workspaces are in one chain. */
  readonly records: Pick<LedgerReader, "head" | "read" | "scan">;
  /** The same to verify, export and prove. */
  readonly audit: Omit<Audit, "close">;
  /** Resolves when the event is on record. Every POST is put there before it runs as `console.acted`; this is for what else is worth it. */
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
}

export interface ConsoleContext extends ConsoleDoors {
  readonly by: ConsolePerson;
  /** What is on record about the workspace of the person, and of no other. */
  readonly evidence: Evidence;
  /** The records of the workspace as they are written from now on, until the browser goes away. */
  tail(): AsyncIterable<FoundRecord>;
  /** Aborted when the answer is sent or the browser gone, when the person may not have it any more, and when the server stops: streams listen to it. */
  readonly signal: AbortSignal;
}

export interface ConsoleRequest {
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Of a POST: parsed JSON, not checked. `undefined` where there is none. */
  readonly body: unknown;
}

export interface Endpoint {
  readonly method: "GET" | "POST";
  /** Below `/console/api/`; `:name` stands for one segment: `ledger/:seq`. A path without parameters goes before one with them. */
  readonly path: string;
  /** The least that a person must be. */
  readonly role: ConsoleRole;
  /**
   * An async iterable is answered as NDJSON, a line each, as it comes; iterating ends when the browser goes away. A `TextAnswer` is answered as it
   * is. All else is answered as JSON. Throws ConsoleProblem for what the person did wrong.
   */
  run(context: ConsoleContext, request: ConsoleRequest): unknown;
}

/** Neither JSON nor lines of it: a download. */
export class TextAnswer {
  readonly contentType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;

  constructor(answer: { readonly contentType: string; readonly fileName: string; readonly chunks: AsyncIterable<string> }) {
    this.contentType = answer.contentType;
    this.fileName = answer.fileName;
    this.chunks = answer.chunks;
  }
}

/** What the person did wrong, or cannot have: answered as `{ error: { code, message, next } }`. */
export class ConsoleProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** What to do about it, in a sentence. */
  readonly next: string | undefined;

  constructor(status: number, told: { readonly code: string; readonly message: string; readonly next?: string }) {
    super(told.message);
    this.name = "ConsoleProblem";
    this.status = status;
    this.code = told.code;
    this.next = told.next;
  }
}

/** What an act of an operator answered; throws a 409 with its problems. */
export function done<T>(answer: T | Problems): T {
  if (isProblems(answer)) throw new ConsoleProblem(409, { code: "not_done", message: answer.problems.join(" ") });
  return answer;
}

function isProblems(answer: unknown): answer is Problems {
  return typeof answer === "object" && answer !== null && "problems" in answer;
}
