import type { Effect } from "../../tool/index.ts";

export interface ToolSource {
  readonly name: string;
  readonly binding: string;
  /** Of its file. */
  readonly stem: string;
  readonly effect: Effect;
  readonly scope: string;
  readonly description: string | undefined;
  /** Path of the surface from the test. */
  readonly surface: string;
}

/** A tool that works, to be changed into what it is for. */
export function renderTool(source: ToolSource): string {
  const { binding, name, scope, effect, description = DESCRIPTIONS[effect] } = source;
  const needed = effect === "destructive" ? "defineTool, toolError" : "defineTool";
  return `import { ${needed} } from "remit";
import * as z from "zod";
${effect === "read" ? "" : `\n${KEPT}`}
export const ${binding} = defineTool({
  name: ${JSON.stringify(name)},
  title: ${JSON.stringify(titleOf(name))},
  description: ${JSON.stringify(description)},
  scopes: [${JSON.stringify(scope)}],
  effect: ${JSON.stringify(effect)},
${BODIES[effect]}});
`;
}

const KEPT = `/** Lost when the server stops: put it in a table, as src/tables does. */
export const kept = new Map<string, string>();
`;

const DESCRIPTIONS: Readonly<Record<Effect, string>> = {
  read: "Counts the characters of a text. Use it when the length of a text matters; it returns the number.",
  write: "Keeps a text under a name until the server stops. Use it for what is needed again soon; what the name held before is replaced.",
  destructive: "Removes the text that is kept under a name. Use it only when somebody asks for it: it cannot be undone.",
};

const BODIES: Readonly<Record<Effect, string>> = {
  read: `  input: z.object({ text: z.string().max(10_000).describe("The text to count in.") }),
  output: z.object({ characters: z.number().int().describe("How many characters it has.") }),
  examples: [{ title: "A greeting", input: { text: "Hello" }, output: { characters: 5 } }],
  run: ({ text }) => ({ characters: text.length }),
`,
  write: `  input: z.object({
    name: z.string().min(1).max(100).describe("The name to keep it under."),
    text: z.string().max(10_000).describe("The text to keep."),
  }),
  output: z.object({ kept: z.number().int().describe("How many texts are kept now.") }),
  examples: [{ title: "A greeting", input: { name: "greeting", text: "Hello" }, output: { kept: 1 } }],
  run({ name, text }) {
    kept.set(name, text);
    return { kept: kept.size };
  },
`,
  destructive: `  input: z.object({ name: z.string().min(1).max(100).describe("The name that the text is kept under.") }),
  examples: [{ title: "The greeting", input: { name: "greeting" } }],
  // A person reads this and decides. It must change nothing.
  plan({ name }) {
    const text = kept.get(name);
    if (text === undefined) return toolError("Nothing is kept under this name.");
    const changes = [{ change: "delete", resource: \`text \${name}\`, before: { text } }] as const;
    return { summary: "Removes a text.", changes, rows: 1, losesAccess: [], versions: {} };
  },
  run({ name }) {
    kept.delete(name);
    return "The text is removed.";
  },
`,
};

/** Its test: what it does, and that nobody may who lacks the scope. */
export function renderTest(source: ToolSource): string {
  const { binding, stem, scope, effect, name, surface } = source;
  const imports = effect === "read" ? binding : [binding, "kept"].sort((a, b) => a.localeCompare(b)).join(", ");
  return `${effect === "read" ? "" : 'import assert from "node:assert/strict";\n'}import { test } from "node:test";
import { createTestServer } from "remit/testing";
import { surface } from ${JSON.stringify(surface)};
import { ${imports} } from ${JSON.stringify(`../src/tools/${stem}.ts`)};

test(${JSON.stringify(`${name} answers who has ${scope}`)}, async () => {
  await using server = await createTestServer(surface);
${TESTS[effect].replaceAll("TOOL", binding).replaceAll("SCOPE", scope)}});

test(${JSON.stringify(`${name} is closed to everybody else`)}, async () => {
  await using server = await createTestServer(surface);
  const agent = await server.agent({ scopes: [] });
  (await agent.call(${binding}, ${INPUTS[effect]})).assertRefused({ missing: [${JSON.stringify(scope)}] });
});
`;
}

const INPUTS: Readonly<Record<Effect, string>> = {
  read: '{ text: "Hello" }',
  write: '{ name: "greeting", text: "Hello" }',
  destructive: '{ name: "greeting" }',
};

const TESTS: Readonly<Record<Effect, string>> = {
  read: `  const agent = await server.agent({ scopes: ["SCOPE"] });
  (await agent.call(TOOL, { text: "Hello" })).assertOk({ characters: 5 });
`,
  write: `  const agent = await server.agent({ scopes: ["SCOPE"] });
  (await agent.call(TOOL, { name: "greeting", text: "Hello" })).assertOk({ kept: 1 }).assertRecord({ effect: "write" });
  assert.equal(kept.get("greeting"), "Hello");
`,
  destructive: `  kept.set("greeting", "Hello");
  const owner = await server.person();
  const agent = await server.agent({ scopes: ["SCOPE"], person: owner });
  const held = (await agent.call(TOOL, { name: "greeting" })).assertHeld();
  assert.equal(kept.get("greeting"), "Hello");
  await owner.approve(held);
  (await agent.call(TOOL, { name: "greeting" })).assertOk();
  assert.equal(kept.has("greeting"), false);
`,
};

/** `list_notes` is `List notes`. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
