import * as z from "zod";
import { defineTool, toolError, undoable } from "../../index.ts";
import { refuseEnvironment, type Context } from "../access.ts";
import { environmentId, scopeId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type ScopeRow } from "../tables/index.ts";
import { describeScope, findScope, NO_SUCH_SCOPE, rolesWith, SCOPE_TAKEN } from "./scope.ts";

interface Ids {
  readonly environment_id: string;
  readonly scope_id: string;
}

export const deleteEnvironmentScope = defineTool({
  name: "delete_environment_scope",
  title: "Delete environment scope",
  description: "Deletes a scope of an environment that no role holds. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, scope_id: scopeId }),
  examples: [{ title: "Delete one", input: { environment_id: SAMPLE.environmentId, scope_id: SAMPLE.scopeId } }],
  async plan(ids, context) {
    const row = await requireUnused(context, ids);
    if (!("id" in row)) return row;
    const { version, ...before } = describeScope(row);
    const changes = [{ change: "delete", resource: `scope ${row.id}`, before }] as const;
    return planOf(`Deletes the scope ${row.name}, which no role holds.`, changes, { versions: { [row.id]: version } });
  },
  async run(ids, context) {
    const row = await requireUnused(context, ids);
    if (!("id" in row)) return row;
    const { numDeletedRows } = await context.db.deleteFrom("environment_scope").where("id", "=", row.id).executeTakeFirstOrThrow();
    return numDeletedRows === 0n ? NO_SUCH_SCOPE : undoable(`The scope ${row.id} is deleted.`, row);
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const row = data as ScopeRow;
      const restored = await db
        .insertInto("environment_scope")
        .values({ ...row, version: row.version + 1 })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      return restored === undefined ? SCOPE_TAKEN : `The scope ${row.name} is back.`;
    },
  },
});

async function requireUnused(context: Context, { environment_id, scope_id }: Ids) {
  const refused = await refuseEnvironment(context, environment_id);
  if (refused !== undefined) return refused;
  const row = await findScope(context.db, environment_id, scope_id);
  if (row === undefined) return NO_SUCH_SCOPE;
  const roles = await rolesWith(context.db, environment_id, row.name);
  return roles.length === 0
    ? row
    : toolError(`It is not deleted while roles hold it: ${roles.join(", ")}. Take it from them with update_environment_role first.`);
}
