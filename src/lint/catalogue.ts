import type { JsonSchema, Suppression } from "../tool/index.ts";

/** What is looked at: one tool, wherever it was read. */
export interface LintTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** As listed; undefined when the list has none. */
  readonly annotations?: JsonSchema;
  /** Characters of its entry in `tools/list`. */
  readonly listedChars: number;
  /** Only a declaration has these: a list does not say them. */
  readonly declared?: {
    readonly scopes: readonly string[];
    readonly effect: string;
    readonly examples: readonly { readonly title: string; readonly input: unknown }[];
    /** Why a schema does not compile. */
    readonly problem?: string;
  };
}

/** A scope as far as the rules ask. */
export interface LintScope {
  readonly description: string;
  readonly access: string;
  readonly includes?: readonly string[];
}

/** Everything that is looked at together. */
export interface Catalogue {
  readonly tools: readonly LintTool[];
  /** Undefined when who may call what is not known. */
  readonly scopes?: Readonly<Record<string, LintScope>>;
  /** Names in the order of a second list, when one was asked for. */
  readonly orderAgain?: readonly string[];
  /** What is accepted as it is, and why. */
  readonly suppressions?: readonly Suppression[];
}
