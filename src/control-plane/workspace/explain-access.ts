import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";

const toolName = z.string().max(64).optional().describe("Also one that you do not see; all when left out.");

const rule = z
  .enum(["all_scopes_held", "needs_approval", "scope_missing", "policy_denied", "read_only", "killed"])
  .describe("The last three: no scope helps");

export const explainAccess = defineTool({
  name: "explain_access",
  title: "Explain access",
  description: "Tells which tools you may call and which scopes you lack for the others, to ask the person you act for.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object({ tool: toolName }),
  output: z.object({
    tools: z.array(z.object({ tool: z.string(), allowed: z.boolean(), rule, missing: z.array(z.string()) })),
  }),
  examples: [
    {
      title: "Why can I not create an organization?",
      input: { tool: "create_organization" },
      output: { tools: [{ tool: "create_organization", allowed: false, rule: "scope_missing", missing: ["org:write"] }] },
    },
  ],
  run({ tool }, { catalogue, explain }) {
    const names = tool === undefined ? catalogue.tools.map(({ name }) => name) : [tool];
    const explained = names.flatMap((name) => explain(name) ?? []);
    if (explained.length === 0) return toolError("There is no tool of this name. Leave tool out to see all.");
    return {
      tools: explained.map(({ name, allowed, rule: why, missing }) => ({ tool: name, allowed, rule: why, missing: [...missing] })),
    };
  },
});
