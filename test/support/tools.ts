/** A small surface for tests: every effect, every kind of answer, and a count of the times that tool code was entered. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { content, definePrompt, defineResource, defineScopes, defineTool, inputRequired, toolError, type Plan } from "../../src/index.ts";

export const scopes = defineScopes({
  "note:read": { description: "Read notes.", access: "read", baseline: true },
  "note:write": { description: "Write notes.", access: "write", includes: ["note:read"] },
  "admin:write": { description: "Remove everything.", access: "write" },
});

const text = z.object({ text: z.string().max(100_000).describe("Any text.") });
const examples = [{ title: "Hello", input: { text: "hello" } }] as const;

function planOf(text: string): Plan {
  return { summary: `Wipes ${text}.`, changes: [{ change: "delete", resource: text }], rows: 1, losesAccess: [], versions: {} };
}

/** The surface, and how often the code of each tool, prompt and resource was entered. */
export function createSurface() {
  const entered = new Map<string, number>();
  const enter = (name: string) => entered.set(name, (entered.get(name) ?? 0) + 1);
  const tool = (
    name: string,
    more: Pick<Parameters<typeof defineTool>[0], "scopes" | "effect"> & { readonly discoverable?: boolean },
    run: (input: { text: string }) => unknown,
  ) =>
    defineTool({
      name,
      title: name,
      description: `A tool for tests called ${name}.`,
      ...more,
      ...(more.effect === "destructive" ? { plan: ({ text }: { text: string }) => planOf(text) } : {}),
      input: text,
      examples,
      run(input) {
        enter(name);
        return run(input) as string;
      },
    });
  const streamed = defineTool({
    name: "stream_echo",
    title: "Streamed echo",
    description: "Answers in three parts, with progress.",
    scopes: ["note:read"],
    effect: "read",
    input: z.object({ text: z.string(), waitMs: z.number().int().min(0).max(60_000).default(0) }),
    examples: [{ title: "Hello", input: { text: "hello" } }],
    async run({ text, waitMs }, context) {
      enter("stream_echo");
      for (let part = 1; part <= 3; part++) {
        await context.progress(part, 3, `${text} ${part}`);
        if (waitMs > 0) await sleep(waitMs, undefined, { signal: context.signal });
      }
      return `${text} done`;
    },
  });
  const structured = defineTool({
    name: "measure",
    title: "Measure",
    description: "Counts the characters of a text.",
    scopes: ["note:read"],
    effect: "read",
    input: text,
    output: z.object({ characters: z.number().int() }),
    examples: [{ title: "Hello", input: { text: "hello" }, output: { characters: 5 } }],
    run({ text }) {
      enter("measure");
      return text === "lie" ? ({ characters: "many" } as never) : { characters: text.length };
    },
  });
  const asking = defineTool({
    name: "ask",
    title: "Ask back",
    description: "Asks the person for a name, then greets.",
    scopes: ["note:read"],
    effect: "read",
    input: text,
    examples,
    run(_input, context) {
      enter("ask");
      const answer = context.input.responses["name"] as { content?: { name?: string } } | undefined;
      if (context.input.state === undefined || answer?.content?.name === undefined) {
        const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
        return inputRequired(
          { name: { method: "elicitation/create", params: { mode: "form", message: "Your name?", requestedSchema } } },
          { round: 1 },
        );
      }
      return content(`Hello ${answer.content.name}`);
    },
  });
  return {
    entered,
    scopes,
    tools: [
      tool("echo", { scopes: ["note:read"], effect: "read" }, ({ text }) => text),
      tool("write_note", { scopes: ["note:write"], effect: "write" }, ({ text }) => `wrote ${text}`),
      tool("wipe", { scopes: ["note:write", "admin:write"], effect: "destructive" }, () => "gone"),
      tool("shown_wipe", { scopes: ["admin:write"], effect: "destructive", discoverable: true }, () => "gone"),
      tool("fail", { scopes: ["note:read"], effect: "read" }, () => toolError("Nothing to do. Write a note first.")),
      tool("crash", { scopes: ["note:read"], effect: "read" }, ({ text }) => {
        throw new Error(`secret detail ${text}`);
      }),
      tool("huge", { scopes: ["note:read"], effect: "read" }, () => "x".repeat(300_000)),
      tool("slow_echo", { scopes: ["note:read"], effect: "read" }, ({ text }) => sleep(1 + (text.length % 7), text)),
      streamed,
      structured,
      asking,
    ],
    prompts: [
      definePrompt({
        name: "summarize",
        title: "Summarize",
        description: "Asks for a summary of a note.",
        scopes: ["note:write"],
        arguments: {
          note: {
            description: "Which note.",
            required: true,
            complete: (value) => ["first", "second"].filter((name) => name.startsWith(value)),
          },
        },
        run({ note }) {
          enter("summarize");
          return [{ role: "user", content: { type: "text", text: `Summarize ${note}` } }];
        },
      }),
    ],
    resources: [
      defineResource({
        uri: "notes://all",
        name: "all",
        title: "All notes",
        description: "Every note.",
        scopes: ["note:write"],
        mimeType: "text/plain",
        read(_variables, { uri }) {
          enter("notes://all");
          return [{ uri, text: "notes" }];
        },
      }),
      defineResource({
        uri: "notes://{id}/text",
        name: "note",
        title: "One note",
        description: "The text of a note.",
        scopes: ["note:write"],
        complete: { id: () => ["first"] },
        read({ id }, { uri }) {
          enter("notes://{id}/text");
          return id === "none" ? undefined : [{ uri, text: `note ${id}` }];
        },
      }),
    ],
  };
}
