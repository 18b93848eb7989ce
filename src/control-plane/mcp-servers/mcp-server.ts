import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import { httpUrl } from "../parameters.ts";
import type { McpServerRow } from "../tables/index.ts";

export const NO_SUCH_MCP_SERVER = toolError(
  "There is no MCP server with this mcp_server_id in this environment. list_mcp_servers shows those that exist.",
);
export const URL_TAKEN = toolError("An MCP server with this url is registered already in this environment. list_mcp_servers shows it.");

export const tokenSeconds = z.number().int().min(60).max(86_400).describe("Life of access tokens.");
export const issuer = httpUrl("Issuer of the tokens it accepts.");
export const serverUrl = httpUrl("Its MCP endpoint.");

export const mcpServerDetails = z.object({
  mcp_server_id: z.string(),
  name: z.string(),
  url: z.string(),
  access_token_seconds: z.number(),
  issuer: z.string(),
  version: z.number(),
});

export const mcpServerAnswer = z.object({ mcp_server_id: z.string(), issuer: z.string(), version: z.number() });

export function describeMcpServer({ id, name, url, access_token_seconds, issuer, version }: McpServerRow) {
  return { mcp_server_id: id, name, url, access_token_seconds, issuer, version };
}

export async function findMcpServer(db: Db, environmentId: string, id: string): Promise<McpServerRow | undefined> {
  return db.selectFrom("mcp_server").selectAll().where("environment_id", "=", environmentId).where("id", "=", id).executeTakeFirst();
}
