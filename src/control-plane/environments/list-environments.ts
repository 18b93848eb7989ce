import * as z from "zod";
import { defineTool } from "../../index.ts";
import { orderedById, readPage } from "../paging.ts";
import { nextCursor, pageParameters } from "../parameters.ts";
import { environmentSummary, summarizeEnvironment } from "./environment.ts";

export const listEnvironments = defineTool({
  name: "list_environments",
  title: "List environments",
  description: "Lists the environments of your workspace. Others need the environment_id.",
  scopes: ["env:read"],
  effect: "read",
  input: z.object(pageParameters),
  output: z.object({ environments: z.array(environmentSummary), next_cursor: nextCursor }),
  examples: [
    {
      title: "The first 20 environments",
      input: {},
      output: {
        environments: [
          { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e", name: "Production", slug: "production", kind: "production" },
        ],
        next_cursor: null,
      },
    },
  ],
  async run(request, context) {
    const { caller, db } = context;
    const environments = db
      .selectFrom("environment")
      .select(["id", "name", "slug", "kind"])
      .where("workspace_id", "=", caller.workspaceId)
      .where("deleted_at", "is", null)
      .orderBy("id");
    const listing = orderedById("list_environments", (after, limit) => environments.where("id", ">", after).limit(limit).execute());
    const page = await readPage(context, listing, request);
    if (!("rows" in page)) return page;
    return { environments: page.rows.map(summarizeEnvironment), next_cursor: page.next_cursor };
  },
});
