import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { plainRows } from "../parameters.ts";

export const listFailures = defineTool({
  name: "list_failures",
  title: "List failures",
  description: "What agents call wrongly, or of one tool, most frequent first, with a fix.",
  scopes: ["audit:read"],
  effect: "read",
  input: z.object({ tool: z.string().max(64).optional() }),
  output: z.object({ failures: plainRows }),
  examples: [
    {
      title: "What goes wrong most",
      input: {},
      output: {
        failures: [
          {
            cause: "unknown_parameter",
            tool: "list_environments",
            at: "pageSize",
            calls: 14,
            fix: "Take pageSize as another name of page_size in list_environments.",
          },
        ],
      },
    },
  ],
  async run({ tool }, { evidence }) {
    const found = await evidence.failures({ tool });
    if ("problems" in found) return toolError(found.problems.join(" "));
    return {
      failures: found.map(({ cause, target, path, detail, calls, fix }) => {
        return { cause, tool: target, at: [path, detail].filter(Boolean).join(" "), calls, fix: fix.text };
      }),
    };
  },
});
