import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment, requireOrganization } from "../access.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { connectionSummary, summarizeConnection } from "./connection.ts";

const example = {
  connections: [{ connection_id: SAMPLE.connectionId, name: "Globex SSO", kind: "oidc", enabled: true, tested_at: SAMPLE.at }],
};

export const listEnvironmentConnections = defineTool({
  name: "list_environment_connections",
  title: "List environment connections",
  description: "Lists the connections by which people may sign in.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  output: z.object({ connections: z.array(connectionSummary) }),
  examples: [{ title: "All connections", input: { environment_id: SAMPLE.environmentId }, output: example }],
  async run({ environment_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const rows = await context.db
      .selectFrom("connection")
      .selectAll()
      .where("environment_id", "=", environment_id)
      .orderBy("name")
      .execute();
    return { connections: rows.map(summarizeConnection) };
  },
});

export const listOrganizationConnections = defineTool({
  name: "list_organization_connections",
  title: "List organization connections",
  description: "Lists the connections of an organization; templates give them.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  output: z.object({ connections: z.array(connectionSummary) }),
  examples: [
    {
      title: "Those of one organization",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
      output: example,
    },
  ],
  async run(ids, context) {
    const row = await requireOrganization(context, ids);
    if (!("id" in row)) return row;
    const rows = await context.db
      .selectFrom("organization_connection as oc")
      .innerJoin("connection as c", "c.id", "oc.connection_id")
      .selectAll("c")
      .where("oc.organization_id", "=", row.id)
      .orderBy("c.name")
      .execute();
    return { connections: rows.map(summarizeConnection) };
  },
});
