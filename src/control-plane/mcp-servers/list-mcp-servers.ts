import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { orderedById, readPage } from "../paging.ts";
import { environmentId, nextCursor, pageParameters } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeMcpServer, mcpServerDetails } from "./mcp-server.ts";

export const listMcpServers = defineTool({
  name: "list_mcp_servers",
  title: "List MCP servers",
  description: "Lists the registered MCP servers, with the issuer that each trusts.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, ...pageParameters }),
  output: z.object({ mcp_servers: z.array(mcpServerDetails), next_cursor: nextCursor }),
  examples: [
    {
      title: "The first 20",
      input: { environment_id: SAMPLE.environmentId },
      output: {
        mcp_servers: [
          {
            mcp_server_id: SAMPLE.mcpServerId,
            name: "Invoices",
            url: "https://invoices.example.com/mcp",
            access_token_seconds: 900,
            issuer: "https://mcp.example.com",
            version: 1,
          },
        ],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, ...request }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const servers = context.db
      .selectFrom("mcp_server")
      .selectAll()
      .where("workspace_id", "=", context.caller.workspaceId)
      .where("environment_id", "=", environment_id)
      .orderBy("id");
    const name = `list_mcp_servers ${environment_id}`;
    const listing = orderedById(name, (after, limit) => servers.where("id", ">", after).limit(limit).execute());
    const page = await readPage(context, listing, request);
    return "rows" in page ? { mcp_servers: page.rows.map(describeMcpServer), next_cursor: page.next_cursor } : page;
  },
});
