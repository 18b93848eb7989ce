import { defineScopes, defineTool, toolError } from "../../src/index.ts";
import * as z from "zod";

export const scopes = defineScopes({
  "text:read": { description: "Count the words of texts you send.", access: "read", baseline: true },
  "text:write": { description: "Remove texts that are kept.", access: "write", includes: ["text:read"] },
});

const kept = new Map([["greeting", "Hello, world"]]);

export const countWords = defineTool({
  name: "count_words",
  title: "Count words",
  description: "Counts the words of a text. Use it instead of counting yourself.",
  scopes: ["text:read"],
  effect: "read",
  input: z.object({ text: z.string().max(10_000).describe("The text to count in.") }),
  output: z.object({ words: z.number().int() }),
  examples: [{ title: "A greeting", input: { text: "Hello, world" }, output: { words: 2 } }],
  run: ({ text }) => ({ words: text.split(/\s+/).filter(Boolean).length }),
});

export const removeText = defineTool({
  name: "remove_text",
  title: "Remove a text",
  description: "Removes a text that is kept under a name. Use it only when somebody asks for it; it cannot be undone.",
  scopes: ["text:write"],
  effect: "destructive",
  input: z.object({ name: z.string().max(100).describe("The name of the text.") }),
  examples: [{ title: "The greeting", input: { name: "greeting" } }],
  plan({ name }) {
    const text = kept.get(name);
    if (text === undefined) return toolError(`No text is called ${name}.`);
    const change = { change: "delete", resource: `text ${name}`, before: { text } } as const;
    return { summary: `Removes the text ${name}.`, changes: [change], rows: 1, losesAccess: [], versions: {} };
  },
  run({ name }) {
    kept.delete(name);
    return `The text ${name} is removed.`;
  },
});

export const tools = [countWords, removeText];
