import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId, expectedVersion, scopeId, visibleText } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { changedMeanwhile, refuseStale } from "../versions.ts";
import { describeScope, findScope, NO_SUCH_SCOPE } from "./scope.ts";

export const updateEnvironmentScope = defineTool({
  name: "update_environment_scope",
  title: "Update environment scope",
  description: "Changes the description of a scope, which keeps its name.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    scope_id: scopeId,
    description: visibleText(500, "For people, one line."),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Another description",
      input: { environment_id: SAMPLE.environmentId, scope_id: SAMPLE.scopeId, description: "See all invoices." },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, scope_id, expected_version, description }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = await findScope(context.db, environment_id, scope_id);
    if (row === undefined) return NO_SUCH_SCOPE;
    const stale = refuseStale({ version: row.version, values: describeScope(row) }, expected_version, { description });
    if (stale !== undefined) return stale;
    const written = await context.db
      .updateTable("environment_scope")
      .set({ description, version: row.version + 1 })
      .where("id", "=", scope_id)
      .where("version", "=", row.version)
      .returning("version")
      .executeTakeFirst();
    if (written !== undefined) return { version: written.version };
    const now = await findScope(context.db, environment_id, scope_id);
    return now === undefined ? NO_SUCH_SCOPE : changedMeanwhile({ version: now.version, values: describeScope(now) }, { description });
  },
});
