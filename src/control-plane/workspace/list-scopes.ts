import * as z from "zod";
import { defineTool } from "../../index.ts";

export const listScopes = defineTool({
  name: "list_scopes",
  title: "List scopes",
  description: "Lists all scopes: what each allows, the least role of who can grant it, and whether you hold it.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({
    scopes: z.array(z.object({ name: z.string(), allows: z.string(), held: z.boolean(), role: z.string() })),
  }),
  examples: [
    {
      title: "All scopes",
      input: {},
      output: {
        scopes: [{ name: "org:write", allows: "Create, change and delete organizations.", held: false, role: "member" }],
      },
    },
  ],
  run(_input, { catalogue, caller }) {
    return {
      scopes: catalogue.scopes.map(({ name, description, role }) => {
        return { name, allows: description, held: caller.held.has(name), role };
      }),
    };
  },
});
