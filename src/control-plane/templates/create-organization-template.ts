import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { newId } from "../new-id.ts";
import { description, displayName, environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { EMPTY } from "./shape.ts";
import { parts, refuseShape, TEMPLATE_TAKEN, withParts } from "./template.ts";

const MAX_TEMPLATES = 100;
const TOO_MANY = toolError(`An environment has at most ${MAX_TEMPLATES} templates. Delete one that is not used.`);

export const createOrganizationTemplate = defineTool({
  name: "create_organization_template",
  title: "Create organization template",
  description: "Creates a template for organizations: their roles, scopes, features and connections.",
  scopes: ["env:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    name: displayName(),
    description,
    roles: parts.roles.optional(),
    scopes: parts.scopes.optional(),
    features: parts.features.optional(),
    connection_ids: parts.connection_ids.optional(),
  }),
  output: z.object({ template_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "Customers with single sign-on",
      input: {
        environment_id: SAMPLE.environmentId,
        name: "Standard",
        roles: [{ name: "admin", display_name: "Admin", scopes: ["invoice:read"] }],
        scopes: [{ name: "invoice:read" }],
        features: ["sso"],
      },
      output: { template_id: SAMPLE.templateId, version: 1 },
    },
  ],
  async run({ environment_id, name, description = null, ...sent }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const { caller, db, now } = context;
    const shape = withParts(EMPTY, sent);
    const unfit = await refuseShape(db, environment_id, shape);
    if (unfit !== undefined) return unfit;
    const existing = db.selectFrom("organization_template").where("environment_id", "=", environment_id).where("deleted_at", "is", null);
    const { count } = await existing.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    if (count >= MAX_TEMPLATES) return TOO_MANY;
    const place = { id: newId("tpl"), workspace_id: caller.workspaceId, environment_id, created_at: now(), version: 1, deleted_at: null };
    const created = await db
      .insertInto("organization_template")
      .values({ ...place, name, description, definition: JSON.stringify(shape) })
      .onConflict((conflict) => conflict.columns(["environment_id", "name"]).where("deleted_at", "is", null).doNothing())
      .returning("id")
      .executeTakeFirst();
    return created === undefined ? TEMPLATE_TAKEN : { template_id: place.id, version: 1 };
  },
});
