/** Tools of every effect, and what is no tool, for policies to speak about. */
import * as z from "zod";
import { definePrompt, defineResource, defineScopes, defineTool } from "../../../src/index.ts";
import type { Effect } from "../../../src/index.ts";

const scopes = defineScopes({
  "all:read": { description: "See what there is.", access: "read", baseline: true },
  "all:write": { description: "Change what there is.", access: "write", includes: ["all:read"] },
});

/** The names of tools that ran, oldest first. */
export const runs: string[] = [];

function tool(name: string, effect: Effect, discoverable = false) {
  return defineTool({
    name,
    title: name,
    description: `Does ${name}.`,
    scopes: [effect === "read" ? "all:read" : "all:write"],
    effect,
    discoverable,
    input: z.object({ at: z.string().optional() }),
    examples: [{ title: "One", input: {} }],
    ...(effect === "destructive"
      ? { plan: () => ({ summary: `Does ${name}.`, changes: [], rows: 1, losesAccess: [], versions: {} }) }
      : {}),
    run() {
      runs.push(name);
      return `did ${name}, run ${runs.length}`;
    },
  });
}

const why = defineTool({
  name: "why",
  title: "Why",
  description: "Tells what is decided about each tool.",
  scopes: ["all:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({ tools: z.array(z.object({ name: z.string(), allowed: z.boolean(), rule: z.string(), approvers: z.number() })) }),
  examples: [{ title: "All", input: {} }],
  run(_input, { catalogue, explain }) {
    const explained = catalogue.tools.flatMap(({ name }) => explain(name) ?? []);
    return { tools: explained.map(({ name, allowed, rule, approvers }) => ({ name, allowed, rule, approvers })) };
  },
});

const environments = defineTool({
  name: "environments",
  title: "Environments",
  description: "Lists the environments that the caller may see.",
  scopes: ["all:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({ ids: z.array(z.string()) }),
  examples: [{ title: "All", input: {} }],
  async run(_input, { db }) {
    const rows = await db.selectFrom("environment").select("id").orderBy("id").execute();
    return { ids: rows.map(({ id }) => id) };
  },
});

export const policySurface = {
  scopes,
  tools: [tool("look", "read"), tool("mark", "write"), tool("wipe", "destructive"), tool("shown", "write", true), why, environments],
  prompts: [
    definePrompt({
      name: "greet",
      title: "Greet",
      description: "Greets somebody.",
      scopes: ["all:read"],
      run: () => [{ role: "user", content: { type: "text", text: "Hello." } }],
    }),
  ],
  resources: [
    defineResource({
      uri: "note://one",
      name: "one",
      title: "One",
      description: "The one note that there is, as text.",
      scopes: ["all:read"],
      read: () => [{ uri: "note://one", text: "one" }],
    }),
  ],
};
