import * as z from "zod";
import { defineTool, toolError, type ToolContext } from "../../index.ts";
import { instant, plainRows } from "../parameters.ts";
import { USAGE_PAGE } from "./usage-app.ts";

const HOUR_MS = 3_600_000;

export const getUsage = defineTool({
  name: "get_usage",
  title: "Get usage",
  description: "Counts calls, failures and times, or one tool's, most used first; or lists what went unused.",
  scopes: ["usage:read"],
  effect: "read",
  ui: { resource: USAGE_PAGE },
  input: z.object({
    by: z
      .enum(["tool", "agent", "user", "environment", "outcome", "reason", "client", "protocol", "unused"])
      .default("tool")
      .describe("One row for each."),
    tool: z.string().optional(),
    agent: z.string().optional().describe("Its id, or me."),
    hours: z.int().min(1).max(8760).default(24).describe("Back from now."),
  }),
  output: z.object({ rows: plainRows }),
  examples: [
    {
      title: "What did I call today?",
      input: { agent: "me" },
      output: {
        rows: [
          { tool: "list_organizations", calls: 214, failed: 3, refused: 0, p50_ms: 2.1, p95_ms: 8.4, last_at: "2026-08-01T09:00:00.000Z" },
        ],
      },
    },
  ],
  async run({ by, tool, agent: named, hours }, context) {
    const agent = named === "me" ? context.caller.clientId : named;
    const since = context.now() - hours * HOUR_MS;
    if (by === "unused") return unused({ agent, since }, context);
    const found = await context.evidence.usage({ by, tool, agent, since });
    if ("problems" in found) return toolError(found.problems.join(" "));
    return {
      rows: found.groups.map(({ key, calls, failed, refused, p50Ms, p95Ms, lastAt }) => {
        return { [by]: key, calls, failed, refused, p50_ms: p50Ms, p95_ms: p95Ms, last_at: lastAt === null ? null : instant(lastAt) };
      }),
    };
  },
});

async function unused(query: { readonly agent: string | undefined; readonly since: number }, { evidence }: Pick<ToolContext, "evidence">) {
  const found = await evidence.unused(query);
  if ("problems" in found) return toolError(found.problems.join(" "));
  return { rows: [...found.tools.map((tool) => ({ tool })), ...found.scopes.map((scope) => ({ scope }))] };
}
