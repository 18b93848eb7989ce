import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { orderedById, readPage } from "../paging.ts";
import { environmentId, instant, nextCursor, pageParameters } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";

export const listConnectedAccounts = defineTool({
  name: "list_connected_accounts",
  title: "List connected accounts",
  description: "Lists people's accounts at other products, and since when each is connected.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, ...pageParameters }),
  output: z.object({
    connected_accounts: z.array(
      z.object({
        connected_account_id: z.string(),
        identifier: z.string(),
        connector: z.string(),
        connected_at: z.string().nullable(),
      }),
    ),
    next_cursor: nextCursor,
  }),
  examples: [
    {
      title: "The first 20",
      input: { environment_id: SAMPLE.environmentId },
      output: {
        connected_accounts: [
          { connected_account_id: SAMPLE.accountId, identifier: "bruno@globex.example", connector: "slack", connected_at: null },
        ],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, ...request }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const accounts = context.db
      .selectFrom("connected_account")
      .select(["id", "identifier", "connector", "connected_at"])
      .where("workspace_id", "=", context.caller.workspaceId)
      .where("environment_id", "=", environment_id)
      .orderBy("id");
    const name = `list_connected_accounts ${environment_id}`;
    const listing = orderedById(name, (after, limit) => accounts.where("id", ">", after).limit(limit).execute());
    const page = await readPage(context, listing, request);
    if (!("rows" in page)) return page;
    const connected_accounts = page.rows.map(({ id, identifier, connector, connected_at }) => {
      return { connected_account_id: id, identifier, connector, connected_at: connected_at === null ? null : instant(connected_at) };
    });
    return { connected_accounts, next_cursor: page.next_cursor };
  },
});
