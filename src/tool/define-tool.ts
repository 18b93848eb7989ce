import type * as z from "zod";
import type { TablesModule } from "../store/index.ts";
import type { ContentAnswer, ContentBlock, InputRequired, ToolError } from "./content.ts";
import type { ToolContext } from "./context.ts";

/** A JSON Schema 2020-12 object, for those who do not use Zod. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export type InputSchema = z.ZodObject | JsonSchema;
export type OutputSchema = z.ZodType | JsonSchema;

/** The value that a schema describes, after parsing. */
export type Parsed<S> = S extends z.ZodType ? z.output<S> : unknown;
/** The value that a schema accepts, before defaults and transforms. */
export type Accepted<S> = S extends z.ZodType ? z.input<S> : unknown;

/** `read` changes nothing, `write` adds or changes, `destructive` may lose something. */
export type Effect = "read" | "write" | "destructive";

export interface Icon {
  /** An https or data URL (MCP 2026-07-28 `Icon.src`). */
  readonly src: string;
  readonly mimeType?: string;
  readonly sizes?: readonly string[];
}

export interface ToolExample<I, O> {
  readonly title: string;
  readonly input: Accepted<I>;
  /** What the call answers; checked against the output schema. */
  readonly output?: O extends undefined ? never : Accepted<O>;
}

/** What `run` may return. With an output schema its value; content blocks or text otherwise. */
export type ToolAnswer<O> = (O extends undefined ? string | ContentBlock : Accepted<O>) | ContentAnswer | ToolError | InputRequired;

/** Everything about a tool, declared once. */
export interface ToolDeclaration<I extends InputSchema, O extends OutputSchema | undefined, T> {
  /** 1 to 64 characters of `[A-Za-z0-9_-]`. */
  readonly name: string;
  readonly title: string;
  /** What it does, when to use it, what comes back; for the model. */
  readonly description: string;
  /** All of these are needed to call it. At least one. */
  readonly scopes: readonly [string, ...string[]];
  readonly effect: Effect;
  /** Calling it twice with the same arguments changes nothing more. Default: true for `read`, false otherwise. */
  readonly idempotent?: boolean;
  /** It reaches systems outside of this server. Default false. */
  readonly openWorld?: boolean;
  /** List it, with what it needs, also to callers that may not use it yet. Default false. */
  readonly discoverable?: boolean;
  readonly input: I;
  readonly output?: O;
  readonly examples: readonly [ToolExample<I, O>, ...ToolExample<I, O>[]];
  readonly icon?: Icon;
  /** Tables of yours that `context.db` shall know. */
  readonly tables?: TablesModule<T>;
  /** Milliseconds after which the call is ended. Default 30,000. */
  readonly timeoutMs?: number;
  /** Bytes that the serialized result may have. Default 262,144. */
  readonly maxResultBytes?: number;
  run(input: Parsed<I>, context: ToolContext<T>): ToolAnswer<O> | Promise<ToolAnswer<O>>;
}

/** A declared tool, its types forgotten. */
export type Tool = ToolDeclaration<InputSchema, OutputSchema | undefined, never>;

/** Declares a tool. It is checked when a server is created from it. */
export function defineTool<const I extends InputSchema, const O extends OutputSchema | undefined = undefined, T = unknown>(
  declaration: ToolDeclaration<I, O, T>,
): Tool {
  return declaration as unknown as Tool;
}
