import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { newId } from "../new-id.ts";
import { description, displayName, environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { issuer, mcpServerAnswer, serverUrl, tokenSeconds, URL_TAKEN } from "./mcp-server.ts";

export const registerMcpServer = defineTool({
  name: "register_mcp_server",
  title: "Register MCP server",
  description: "Registers an MCP server. Without issuer it accepts this server's tokens.",
  scopes: ["env:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    name: displayName(),
    description,
    url: serverUrl,
    access_token_seconds: tokenSeconds.default(900),
    issuer: issuer.optional(),
  }),
  output: mcpServerAnswer,
  examples: [
    {
      title: "Register one",
      input: { environment_id: SAMPLE.environmentId, name: "Invoices", url: "https://invoices.example.com/mcp" },
      output: { mcp_server_id: SAMPLE.mcpServerId, issuer: "https://mcp.example.com", version: 1 },
    },
  ],
  async run({ environment_id, description = null, issuer: given, ...rest }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const { caller, db, now, publicUrl } = context;
    const place = { id: newId("app"), workspace_id: caller.workspaceId, environment_id, created_at: now(), version: 1 };
    const created = await db
      .insertInto("mcp_server")
      .values({ ...place, ...rest, description, issuer: given ?? publicUrl })
      .onConflict((conflict) => conflict.columns(["environment_id", "url"]).doNothing())
      .returning("issuer")
      .executeTakeFirst();
    return created === undefined ? URL_TAKEN : { mcp_server_id: place.id, issuer: created.issuer, version: 1 };
  },
});
