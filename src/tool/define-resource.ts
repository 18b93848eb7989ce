import type { CallContext } from "./context.ts";
import type { PromptMessage, ResourceContents } from "./content.ts";
import type { Icon } from "./define-tool.ts";
import type { InputRequired } from "./content.ts";

/** Suggests values for a half-typed one (MCP 2026-07-28 `completion/complete`); at most 100 are sent. */
export type Completer = (value: string, context: CallContext) => readonly string[] | Promise<readonly string[]>;

/** Something to read under a fixed URI or under a template such as `docs://pages/{page}`. */
export interface ResourceDeclaration {
  /** A URI, or a template with `{name}` for whole path segments. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly [string, ...string[]];
  readonly discoverable?: boolean;
  readonly mimeType?: string;
  readonly icon?: Icon;
  /** Completers by template variable. */
  readonly complete?: Readonly<Record<string, Completer>>;
  /** The contents, or undefined when there is no such resource. */
  read(
    variables: Readonly<Record<string, string>>,
    context: CallContext & { readonly uri: string },
  ): MaybePromise<readonly ResourceContents[] | InputRequired | undefined>;
}

export interface PromptArgument {
  readonly description: string;
  readonly required?: boolean;
  readonly complete?: Completer;
}

export interface PromptDeclaration {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly [string, ...string[]];
  readonly discoverable?: boolean;
  readonly icon?: Icon;
  readonly arguments?: Readonly<Record<string, PromptArgument>>;
  run(args: Readonly<Record<string, string>>, context: CallContext): MaybePromise<readonly PromptMessage[] | InputRequired>;
}

type MaybePromise<V> = V | Promise<V>;

/** Declares a resource or a resource template. */
export function defineResource(declaration: ResourceDeclaration): ResourceDeclaration {
  return declaration;
}

/** Declares a prompt. */
export function definePrompt(declaration: PromptDeclaration): PromptDeclaration {
  return declaration;
}
