import type * as z from "zod";
import type { TablesModule } from "../store/index.ts";
import type { ContentAnswer, ContentBlock, InputRequired, ToolError } from "./content.ts";
import type { CallContext, ToolContext } from "./context.ts";
import type { Plan, Undoable } from "./plan.ts";

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

/** A picture for lists. PNG, JPEG and SVG are what clients can be expected to show. */
export type Icon = (
  | {
      /** An https or data URL (MCP 2026-07-28 `Icon.src`). */
      readonly src: string;
    }
  | {
      /** A PNG, JPEG or SVG file of at most 256 KiB. It is read once and served by this server to everybody, without a token. */
      readonly file: URL | string;
    }
) & {
  readonly mimeType?: string;
  /** Such as `48x48`, or `any`. */
  readonly sizes?: readonly string[];
};

/** The app that hosts show for a tool (MCP Apps). */
export interface ToolUi {
  /** URI of an app that is declared with `defineApp`. */
  readonly resource: string;
  /** Who may call the tool: the model, the app, or both, which is the default. A hint to hosts; scopes are what is enforced. */
  readonly visibility?: readonly ("model" | "app")[];
}

export interface ToolExample<I, O> {
  readonly title: string;
  readonly input: Accepted<I>;
  /** What the call answers; checked against the output schema. */
  readonly output?: O extends undefined ? never : Accepted<O>;
}

/** What `run` may return. With an output schema its value; content blocks or text otherwise. */
export type ToolAnswer<O> = ToolValue<O> | Undoable<ToolValue<O>> | ContentAnswer | ToolError | InputRequired;

type ToolValue<O> = O extends undefined ? string | ContentBlock : Accepted<O>;

/** What a generator may yield: a part of the answer, sent at once and standing at the front of the result, or how far the call is. */
export type ToolStep = string | ContentBlock | { readonly progress: number; readonly total?: number; readonly message?: string };

/**
 * What `async *run` is. Each step is taken once the client's reader has the one before; the value that is returned is the answer. Without an
 * output schema the parts may be all of it. The generator is closed when the call is cancelled or its time is up.
 */
export type ToolSteps<O> = AsyncGenerator<ToolStep, ToolAnswer<O> | (O extends undefined ? void : never), undefined>;

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
  /** Mark what must not be written down with `.meta({ sensitive: true })`, or `writeOnly: true` in a JSON Schema. */
  readonly input: I;
  readonly output?: O;
  readonly examples: readonly [ToolExample<I, O>, ...ToolExample<I, O>[]];
  readonly icon?: Icon;
  /** Results must hold text too: many hosts show no apps. */
  readonly ui?: ToolUi;
  /** Tables of yours that `context.db` shall know. */
  readonly tables?: TablesModule<T>;
  /** Milliseconds after which the call is ended. Default 30,000. */
  readonly timeoutMs?: number;
  /**
   * Whether a call may go on after it was answered, as a task (MCP extension `io.modelcontextprotocol/tasks`), for clients that declare the
   * extension. Clients that do not get a plain answer, or, with `required`, a refusal. Default: never.
   */
  readonly task?: "allowed" | "required";
  /** Milliseconds after which a task is ended. Default 3,600,000. */
  readonly taskTimeoutMs?: number;
  /** Milliseconds within which a call that ends, or asks for something, is answered without a task. Default 0: every call becomes a task. */
  readonly taskAfterMs?: number;
  /** Bytes that one serialized answer may have; a result with more is answered in parts. Default 262,144. */
  readonly maxResultBytes?: number;
  /** Tokens that the model may be given at once, counted as a quarter of the bytes of the text that it reads. Default 25,000. */
  readonly maxResultTokens?: number;
  /** Tell clients beforehand that results may come in parts: adds an optional `cursor` to the listed input schema. Default false. */
  readonly large?: boolean;
  /** Required when `effect` is "destructive"; allowed for "write". A ToolError when there is nothing to change. It must change nothing. */
  plan?(input: Parsed<I>, context: CallContext<T>): Plan | ToolError | Promise<Plan | ToolError>;
  /** Takes back what one call did, for so long. */
  readonly undo?: {
    readonly windowSeconds: number;
    /** Answers what was taken back, in a sentence. `data` is what the call gave to `undoable`. */
    run(data: unknown, context: CallContext<T>): string | ToolError | Promise<string | ToolError>;
  };
  run(input: Parsed<I>, context: ToolContext<T>): ToolAnswer<O> | Promise<ToolAnswer<O>> | ToolSteps<O>;
}

/** In types only: what a tool takes and answers, for those who call it in a test. */
declare const CALLED: unique symbol;

/** A declared tool. What its schemas describe is forgotten, but for what a call of it takes and answers. */
export type Tool<I = never, O = unknown> = ToolDeclaration<InputSchema, OutputSchema | undefined, never> & {
  readonly [CALLED]?: (input: I) => O;
};

/** Declares a tool. It is checked when a server is created from it. */
export function defineTool<const I extends InputSchema, const O extends OutputSchema | undefined = undefined, T = unknown>(
  declaration: ToolDeclaration<I, O, T>,
): Tool<Accepted<I>, Parsed<O>> {
  return declaration as unknown as Tool<Accepted<I>, Parsed<O>>;
}
