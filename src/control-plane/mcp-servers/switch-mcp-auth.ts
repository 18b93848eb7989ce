import * as z from "zod";
import { defineTool, toolError, undoable } from "../../index.ts";
import { refuseEnvironment, type Context } from "../access.ts";
import { environmentId, mcpServerId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { findMcpServer, issuer, NO_SUCH_MCP_SERVER } from "./mcp-server.ts";

const SAME = toolError("It accepts this issuer's tokens already, so there is nothing to change.");
const CHANGED = toolError("It was changed at this moment, so nothing was written. Look at it again before you decide.");
const undoData = z.object({ id: z.string(), from: z.string(), to: z.string() });

interface Wanted {
  readonly environment_id: string;
  readonly mcp_server_id: string;
  readonly issuer: string;
}

export const switchMcpAuth = defineTool({
  name: "switch_mcp_auth",
  title: "Switch MCP auth",
  description:
    "Makes a registered MCP server accept another issuer's tokens; those of the one before stop working. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, mcp_server_id: mcpServerId, issuer }),
  examples: [
    {
      title: "Another issuer",
      input: { environment_id: SAMPLE.environmentId, mcp_server_id: SAMPLE.mcpServerId, issuer: "https://id.globex.example" },
    },
  ],
  async plan(wanted, context) {
    const row = await requireOther(context, wanted);
    if (!("id" in row)) return row;
    const change = {
      change: "update",
      resource: `MCP server ${row.id}`,
      before: { issuer: row.issuer },
      after: { issuer: wanted.issuer },
    } as const;
    const everybody = [`every agent with a token of ${row.issuer} for ${row.name}`];
    return planOf(`${row.name} accepts tokens of ${wanted.issuer} and no longer those of ${row.issuer}.`, [change], {
      losesAccess: everybody,
      versions: { [row.id]: row.version },
    });
  },
  async run(wanted, context) {
    const row = await requireOther(context, wanted);
    if (!("id" in row)) return row;
    const written = await context.db
      .updateTable("mcp_server")
      .set({ issuer: wanted.issuer, version: row.version + 1 })
      .where("id", "=", row.id)
      .where("version", "=", row.version)
      .returning("version")
      .executeTakeFirst();
    if (written === undefined) return CHANGED;
    return undoable(`The MCP server ${row.id} is at version ${written.version} and accepts the tokens of the new issuer only.`, {
      id: row.id,
      from: row.issuer,
      to: wanted.issuer,
    });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const { id, from, to } = undoData.parse(data);
      const restored = await db
        .updateTable("mcp_server")
        .set(({ eb }) => ({ issuer: from, version: eb("version", "+", 1) }))
        .where("id", "=", id)
        .where("issuer", "=", to)
        .returning("name")
        .executeTakeFirst();
      return restored === undefined ? CHANGED : `${restored.name} accepts tokens of ${from} again.`;
    },
  },
});

async function requireOther(context: Context, { environment_id, mcp_server_id, issuer: wanted }: Wanted) {
  const refused = await refuseEnvironment(context, environment_id);
  if (refused !== undefined) return refused;
  const row = await findMcpServer(context.db, environment_id, mcp_server_id);
  if (row === undefined) return NO_SUCH_MCP_SERVER;
  return row.issuer === wanted ? SAME : row;
}
