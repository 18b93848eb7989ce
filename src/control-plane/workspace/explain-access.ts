import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";

const toolName = z.string().max(64).optional().describe("Also one that you do not see; all when left out.");

export const explainAccess = defineTool({
  name: "explain_access",
  title: "Explain access",
  description: "Tells which tools you may call and which scopes you lack for the others, to ask the person you act for.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object({ tool: toolName }),
  output: z.object({
    tools: z.array(z.object({ tool: z.string(), allowed: z.boolean(), missing: z.array(z.string()) })),
  }),
  examples: [
    {
      title: "Why can I not create an organization?",
      input: { tool: "create_organization" },
      output: { tools: [{ tool: "create_organization", allowed: false, missing: ["org:write"] }] },
    },
  ],
  run({ tool }, { catalogue, explain }) {
    const names = tool === undefined ? catalogue.tools.map(({ name }) => name) : [tool];
    const explained = names.flatMap((name) => explain(name) ?? []);
    if (explained.length === 0) return toolError("There is no tool of this name. Leave tool out to see all.");
    return {
      tools: explained.map(({ name, allowed, missing }) => ({ tool: name, allowed, missing: [...missing] })),
    };
  },
});
