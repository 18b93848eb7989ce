/** Content blocks and results, spelled as MCP 2026-07-28 `server/tools` spells them. */

export interface Annotations {
  readonly audience?: readonly ("user" | "assistant")[];
  readonly priority?: number;
  readonly lastModified?: string;
}

export type ResourceContents = { readonly uri: string; readonly mimeType?: string; readonly _meta?: Readonly<Record<string, unknown>> } & (
  | { readonly text: string }
  | { readonly blob: string }
);

export type ContentBlock = { readonly annotations?: Annotations } & (
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly data: string; readonly mimeType: string }
  | { readonly type: "audio"; readonly data: string; readonly mimeType: string }
  | {
      readonly type: "resource_link";
      readonly uri: string;
      readonly name: string;
      readonly description?: string;
      readonly mimeType?: string;
    }
  | { readonly type: "resource"; readonly resource: ResourceContents }
);

export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: ContentBlock;
}

/** What the server asks the client for before it can finish (MCP 2026-07-28 multi-round-trip requests). */
export type InputRequest =
  | { readonly method: "elicitation/create"; readonly params: Readonly<Record<string, unknown>> }
  | { readonly method: "sampling/createMessage"; readonly params: Readonly<Record<string, unknown>> }
  | { readonly method: "roots/list"; readonly params?: Readonly<Record<string, unknown>> };

const KIND = Symbol("kind");

/** An answer that is content blocks rather than a structured value. */
export interface ContentAnswer {
  readonly [KIND]: "content";
  readonly content: readonly ContentBlock[];
}

/** The tool did not do what was asked; the text tells the model what to do instead. */
export interface ToolError {
  readonly [KIND]: "error";
  readonly content: readonly ContentBlock[];
}

/** The tool needs something from the client first and will be called again with it. */
export interface InputRequired {
  readonly [KIND]: "input_required";
  readonly requests: Readonly<Record<string, InputRequest>>;
  readonly state: unknown;
}

/** An answer of content blocks; a string is a block of text. */
export function content(...blocks: readonly (ContentBlock | string)[]): ContentAnswer {
  return { [KIND]: "content", content: blocks.map(toBlock) };
}

/** The answer `isError: true` with this text. Say what to do next; put nothing in it that came from another system. */
export function toolError(text: string): ToolError {
  return { [KIND]: "error", content: [{ type: "text", text }] };
}

/**
 * Asks the client for input. The call comes back with `context.input.responses` (same keys) and `context.input.state`.
 * The state is signed and bound to caller, method and arguments; it is readable by the client, so put no secret in it.
 */
export function inputRequired(requests: Readonly<Record<string, InputRequest>>, state?: unknown): InputRequired {
  return { [KIND]: "input_required", requests, state };
}

export function toBlock(block: ContentBlock | string): ContentBlock {
  return typeof block === "string" ? { type: "text", text: block } : block;
}

type Special = ContentAnswer | ToolError | InputRequired;

/** Which of the special answers a value is, or undefined for a plain value. */
export function specialKind(value: unknown): Special[typeof KIND] | undefined {
  if (typeof value !== "object" || value === null || !(KIND in value)) return undefined;
  return (value as Special)[KIND];
}
