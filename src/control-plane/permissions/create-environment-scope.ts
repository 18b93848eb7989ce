import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { newId } from "../new-id.ts";
import { description, environmentId, key } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { SCOPE_TAKEN } from "./scope.ts";

const MAX_SCOPES = 200;
const TOO_MANY = toolError(`An environment has at most ${MAX_SCOPES} scopes. Delete one that no role holds.`);

export const createEnvironmentScope = defineTool({
  name: "create_environment_scope",
  title: "Create environment scope",
  description: "Creates a scope in an environment, for roles to hold.",
  scopes: ["env:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, name: key("Such as invoice:read: a-z, 0-9 and _ . : -"), description }),
  output: z.object({ scope_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "A scope to read invoices",
      input: { environment_id: SAMPLE.environmentId, name: "invoice:read", description: "See invoices." },
      output: { scope_id: SAMPLE.scopeId, version: 1 },
    },
  ],
  async run({ environment_id, name, description = null }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const { caller, db, now } = context;
    const existing = db.selectFrom("environment_scope").where("owner_id", "=", environment_id);
    const { count } = await existing.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    if (count >= MAX_SCOPES) return TOO_MANY;
    const place = { workspace_id: caller.workspaceId, environment_id, organization_id: null, owner_id: environment_id };
    const row = { id: newId("scp"), ...place, name, description, created_at: now(), version: 1 };
    const created = await db
      .insertInto("environment_scope")
      .values(row)
      .onConflict((conflict) => conflict.columns(["owner_id", "name"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    return created === undefined ? SCOPE_TAKEN : { scope_id: row.id, version: 1 };
  },
});
