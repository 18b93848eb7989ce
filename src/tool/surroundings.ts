import type { Effect } from "./define-tool.ts";
import type { Role } from "./scopes.ts";

/** An answer from another system, or why there is none: a fixed word that says nothing of what was found on the way. */
export type Fetched = { readonly status: number; readonly text: string } | { readonly refused: string };

/** What is sent to another system. Its address stays what the guard has looked at: `host` and headers about the body are not taken. */
export interface OutsideRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** A tool as the decision sees it. */
export interface CatalogueTool {
  readonly name: string;
  readonly title: string;
  readonly effect: Effect;
  /** All of these are needed. */
  readonly scopes: readonly string[];
}

export interface CatalogueScope {
  readonly name: string;
  readonly description: string;
  readonly access: "read" | "write";
  /** Scopes that it includes, at any depth. */
  readonly includes: readonly string[];
  /** The least role of a person for whom an agent may hold it. */
  readonly role: Role;
}

/** Everything that this server declares, whoever asks. */
export interface Catalogue {
  readonly tools: readonly CatalogueTool[];
  readonly scopes: readonly CatalogueScope[];
}

/** The decision about one tool for the caller, with its reason. */
export interface Explanation extends CatalogueTool {
  readonly allowed: boolean;
  /** `policy_denied`, `read_only` and `killed` are the word of an operator, on which no scope helps. */
  readonly rule: "all_scopes_held" | "needs_approval" | "scope_missing" | "policy_denied" | "read_only" | "killed";
  readonly missing: readonly string[];
  /** How many people must approve each call; 0 for none. */
  readonly approvers: number;
}
