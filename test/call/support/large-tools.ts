/** Tools whose results do not fit in one answer, and a way to read such a result to its end. */
import assert from "node:assert/strict";
import * as z from "zod";
import { content, defineScopes, defineTool, toolError, type ContentBlock } from "../../../src/index.ts";
import type { Agent, ToolHarness, ToolResult } from "../../support/tool-harness.ts";

const scopes = defineScopes({
  "note:read": { description: "Read notes.", access: "read", baseline: true },
  "note:admin": { description: "Read all notes.", access: "read" },
});

const common = {
  description: "A tool for tests with a large result.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ count: z.number().int().default(5000), filter: z.string().optional() }),
  examples: [{ title: "Many", input: {} }],
} as const;

export const NOTES = z.object({
  notes: z.array(z.object({ id: z.string(), text: z.string() })),
  total: z.number().int(),
  next_cursor: z.string().nullable(),
});

export const noteOf = (i: number) => ({ id: `note_${i}`, text: `The "text" of note ${i}, ünïcödé 🙂` });
export const notes = (count: number) => Array.from({ length: count }, (_, i) => noteOf(i));

const IMAGE = Buffer.alloc(300_000, 7).toString("base64");

/** Blocks of every kind, with more text and more bytes than fit in one answer. */
export const BLOCKS: readonly ContentBlock[] = [
  { type: "text", text: "a🙂".repeat(50_000) },
  { type: "image", data: "AAAA".repeat(30_000), mimeType: "image/png" },
  { type: "text", text: '\u0000\n"'.repeat(40_000), annotations: { audience: ["assistant"] } },
  { type: "image", data: "BBBB".repeat(30_000), mimeType: "image/png" },
];

export function createLargeSurface() {
  const entered = new Map<string, number>();
  const enter = (name: string) => entered.set(name, (entered.get(name) ?? 0) + 1);
  const tools = [
    defineTool({
      ...common,
      name: "list_notes",
      title: "List notes",
      output: NOTES,
      run({ count }) {
        enter("list_notes");
        return { notes: notes(count), total: count, next_cursor: "from the tool" };
      },
    }),
    defineTool({
      ...common,
      name: "list_all",
      title: "List all notes",
      scopes: ["note:admin"],
      output: NOTES,
      large: true,
      run: ({ count }) => ({ notes: notes(count), total: count, next_cursor: null }),
    }),
    defineTool({
      ...common,
      name: "pair",
      title: "A pair",
      output: z.object({ pair: z.tuple([z.string(), z.string()]) }),
      run: () => ({ pair: ["x".repeat(200_000), "y".repeat(200_000)] as [string, string] }),
    }),
    defineTool({
      ...common,
      name: "fixed",
      title: "As many as there must be",
      output: z.object({ rows: z.array(z.string()).min(2000) }),
      run: () => ({ rows: Array.from({ length: 3000 }, (_, i) => `row ${i} ${"x".repeat(100)}`) }),
    }),
    defineTool({ ...common, name: "read_text", title: "Read a text", run: ({ count }) => "ä🙂x".repeat(count) }),
    defineTool({ ...common, name: "read_blocks", title: "Read blocks", run: () => content(...BLOCKS) }),
    defineTool({
      ...common,
      name: "draw",
      title: "Draw",
      run: () => content("Here it is:", { type: "image", data: IMAGE, mimeType: "image/png" }, "Done."),
    }),
    defineTool({ ...common, name: "complain", title: "Complain", run: () => toolError("No. ".repeat(50_000)) }),
    defineTool({
      ...common,
      name: "tell_and_list",
      title: "Tell, then list",
      output: z.object({ count: z.number().int() }),
      async *run({ count }) {
        for (let i = 0; i < 400; i++) yield `told ${i} ${"x".repeat(1000)}`;
        return { count };
      },
    }),
  ];
  return { surface: { scopes, tools }, entered };
}

export const AGENT: Agent = { workspaceId: "wks_a", scope: "note:read", clientId: "agt_a", subject: "usr_a" };

export interface More {
  readonly cursor?: string;
  readonly part: number;
  readonly parts: number;
  readonly path?: string;
  readonly unit?: string;
  readonly from?: number;
  readonly to?: number;
  readonly total?: number;
  readonly dropped?: boolean;
}

export function moreOf({ json }: Pick<ToolResult, "json">): More | undefined {
  const { _meta } = JSON.parse(json) as { _meta?: { "dev.remit/more"?: More } };
  return _meta?.["dev.remit/more"];
}

/** All parts of a result, read with the cursors as they come. */
export async function readAll(harness: ToolHarness, tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<ToolResult[]> {
  const parts = [await harness.call(AGENT, { tool, arguments: args })];
  for (let cursor = moreOf(parts[0] ?? { json: "{}" })?.cursor; cursor !== undefined;) {
    const part = await harness.call(AGENT, { tool, arguments: { cursor } });
    parts.push(part);
    assert.ok(parts.length < 1000);
    cursor = moreOf(part)?.cursor;
  }
  return parts;
}

/** The blocks of the result, without what says which part this is. */
export function ownBlocks(part: ToolResult): readonly ContentBlock[] {
  return moreOf(part) === undefined ? part.content : part.content.slice(0, -1);
}
