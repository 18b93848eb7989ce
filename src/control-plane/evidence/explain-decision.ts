import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { plainRows } from "../parameters.ts";

export const explainDecision = defineTool({
  name: "explain_decision",
  title: "Explain decision",
  description: "Explains a past decision by its id; or a call not made, of a tool with arguments by you, an agent or who has scopes.",
  scopes: ["audit:read"],
  effect: "read",
  input: z.object({
    decision: z.string().optional(),
    tool: z.string().optional(),
    arguments: z.looseObject({}).optional(),
    agent: z.string().optional(),
    scopes: z.array(z.string()).optional(),
  }),
  output: z.object({ allowed: z.boolean(), rule: z.string(), checks: plainRows }),
  examples: [
    {
      title: "Could I create an organization?",
      input: { tool: "create_organization" },
      output: {
        allowed: false,
        rule: "scope_missing",
        checks: [{ check: "scopes", outcome: "fail", needs: "org:write", has: "org:read", change: "Grant org:write." }],
      },
    },
  ],
  async run({ decision, tool, agent, scopes, arguments: args }, { evidence }) {
    if ((decision === undefined) === (tool === undefined)) return toolError("Give either the id of a decision or the name of a tool.");
    const query = { tool: tool ?? "", agent, scopes: scopes?.join(" "), arguments: args };
    const explained = await evidence.explain(decision === undefined ? query : { decision });
    if ("problems" in explained) return toolError(explained.problems.join("\n"));
    const { allowed, rule } = explained;
    return { allowed, rule, checks: explained.checks.map(({ change = "", ...check }) => ({ ...check, change })) };
  },
});
