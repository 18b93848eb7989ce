import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeScope, scopeDetails } from "./scope.ts";

export const listEnvironmentScopes = defineTool({
  name: "list_environment_scopes",
  title: "List environment scopes",
  description: "Lists the scopes that roles may hold. Yours are in list_scopes.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  output: z.object({ scopes: z.array(scopeDetails) }),
  examples: [
    {
      title: "All scopes",
      input: { environment_id: SAMPLE.environmentId },
      output: { scopes: [{ scope_id: SAMPLE.scopeId, name: "invoice:read", description: "See invoices.", version: 1 }] },
    },
  ],
  async run({ environment_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const rows = await context.db
      .selectFrom("environment_scope")
      .selectAll()
      .where("owner_id", "=", environment_id)
      .orderBy("name")
      .execute();
    return { scopes: rows.map(describeScope) };
  },
});
