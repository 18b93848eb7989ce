/** The parts that the declarations of the fixture share. */
import * as z from "zod";
import {
  defineScopes,
  defineTool,
  type content,
  type ContentBlock,
  type inputRequired,
  type Tool,
  type ToolContext,
  type toolError,
} from "../../src/index.ts";

export const scopes = defineScopes({
  "fixture:read": { description: "Use everything of the fixture that only looks.", access: "read", baseline: true },
  "fixture:write": { description: "Change the lists of the fixture.", access: "write", includes: ["fixture:read"] },
});

/** A red pixel. */
export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC";
/** A wave file without a sample. */
export const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

type Answer = string | ContentBlock | ReturnType<typeof content | typeof toolError | typeof inputRequired>;

/** A tool that takes no arguments and only looks. */
export function plainTool(name: string, description: string, run: (context: ToolContext) => Answer | Promise<Answer>): Tool {
  return defineTool({
    name,
    title: titleOf(name),
    description,
    scopes: ["fixture:read"],
    effect: "read",
    input: z.object({}),
    examples: [{ title: "Plain call", input: {} }],
    run: (_input, context) => run(context),
  });
}

/** `test_simple_text` as words. */
export function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
