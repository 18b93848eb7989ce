import * as z from "zod";
import { defineTool, isUniqueViolation } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { description, displayName, environmentId, expectedVersion, mcpServerId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import { findMcpServer, NO_SUCH_MCP_SERVER, serverUrl, tokenSeconds, URL_TAKEN } from "./mcp-server.ts";

export const updateMcpServer = defineTool({
  name: "update_mcp_server",
  title: "Update MCP server",
  description: "Changes a registered MCP server. switch_mcp_auth changes whose tokens it accepts.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    mcp_server_id: mcpServerId,
    name: displayName().optional(),
    description,
    url: serverUrl.optional(),
    access_token_seconds: tokenSeconds.optional(),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Shorter tokens",
      input: { environment_id: SAMPLE.environmentId, mcp_server_id: SAMPLE.mcpServerId, access_token_seconds: 300 },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, mcp_server_id, expected_version, ...sent }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = await findMcpServer(context.db, environment_id, mcp_server_id);
    if (row === undefined) return NO_SUCH_MCP_SERVER;
    const wanted = given(sent);
    if (Object.keys(wanted).length === 0) return NOTHING_SENT;
    const stale = refuseStale({ version: row.version, values: { ...row } }, expected_version, wanted);
    if (stale !== undefined) return stale;
    try {
      const written = await context.db
        .updateTable("mcp_server")
        .set({ ...wanted, version: row.version + 1 })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .returning("version")
        .executeTakeFirst();
      if (written !== undefined) return written;
    } catch (error) {
      if (isUniqueViolation(error)) return URL_TAKEN;
      throw error;
    }
    const now = await findMcpServer(context.db, environment_id, mcp_server_id);
    return now === undefined ? NO_SUCH_MCP_SERVER : changedMeanwhile({ version: now.version, values: { ...now } }, wanted);
  },
});
