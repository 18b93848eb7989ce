/** What the world serves beside the control plane, to show what a client does with it. */
import * as z from "zod";
import { defineTool, inputRequired, type Tool } from "../../src/index.ts";

/** For clients that do not call what they have not seen: a tool that everybody sees and these agents may not call. */
export const SHOWN_TOOL = "close_environment";
/** Seen by all too; these agents may get the scope for it. */
export const STEP_UP_TOOL = "write_line";
export const STREAMED_TOOL = "recite";
export const ASKING_TOOL = "greet";

/** How long the tool that recites waits for a listener. */
const PATIENCE_MS = 5000;

export interface WorldTools {
  readonly tools: readonly Tool[];
  /** Tells the tool that recites this verse that its first line was heard. */
  hear(verse: string): void;
}

const closeEnvironment = defineTool({
  name: SHOWN_TOOL,
  title: "Close environment",
  description: "Closes an environment. Listed also for those who may not use it yet.",
  scopes: ["env:write"],
  effect: "destructive",
  discoverable: true,
  input: z.object({ name: z.string() }),
  examples: [{ title: "Close one", input: { name: "Staging" } }],
  plan: ({ name }) => ({ summary: `Closes ${name}.`, changes: [], rows: 1, losesAccess: [], versions: {} }),
  run: () => "closed",
});

const writeLine = defineTool({
  name: STEP_UP_TOOL,
  title: "Write a line",
  description: "Writes a line. Listed also for those who may not use it yet.",
  scopes: ["org:write"],
  effect: "write",
  discoverable: true,
  input: z.object({ line: z.string() }),
  output: z.object({ written: z.string() }),
  examples: [{ title: "One", input: { line: "A" }, output: { written: "A" } }],
  run: ({ line }) => ({ written: line }),
});

const greet = defineTool({
  name: ASKING_TOOL,
  title: "Greet",
  description: "Asks the person for their name, and greets them.",
  scopes: ["org:read"],
  effect: "read",
  input: z.object({ greeting: z.string() }),
  output: z.object({ text: z.string() }),
  examples: [{ title: "Hello", input: { greeting: "Hello" }, output: { text: "Hello Ada" } }],
  run({ greeting }, context) {
    const answer = context.input.responses["name"] as { content?: { name?: string } } | undefined;
    if (answer?.content?.name !== undefined) return { text: `${greeting} ${answer.content.name}` };
    const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    return inputRequired(
      { name: { method: "elicitation/create", params: { mode: "form", message: "Your name?", requestedSchema } } },
      { round: 1 },
    );
  },
});

export function createWorldTools(): WorldTools {
  const heard = new Map<string, () => void>();
  const recite = defineTool({
    name: STREAMED_TOOL,
    title: "Recite",
    description: "Says the first line of a verse, and ends only when somebody has heard it.",
    scopes: ["org:read"],
    effect: "read",
    input: z.object({ verse: z.string() }),
    output: z.object({ verse: z.string(), is_heard: z.boolean() }),
    examples: [{ title: "One", input: { verse: "A" }, output: { verse: "A", is_heard: true } }],
    async run({ verse }, context) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      heard.set(verse, () => resolve(true));
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      await context.progress(1, 2, `${verse} begins`);
      const is_heard = await promise;
      clearTimeout(timer);
      heard.delete(verse);
      return { verse, is_heard };
    },
  });
  return { tools: [closeEnvironment, writeLine, greet, recite], hear: (verse) => heard.get(verse)?.() };
}
