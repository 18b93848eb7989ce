import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT } from "../environments/index.ts";
import { newId } from "../new-id.ts";
import { displayName, environmentId } from "../parameters.ts";
import { describeOrganization, organizationDetails } from "./organization.ts";
import { organizationTables } from "./organization-tables.ts";

export const createOrganization = defineTool({
  name: "create_organization",
  title: "Create organization",
  description:
    "Creates an organization (a customer) in an environment and returns it. Send external_id to make repeating the call safe: a second organization with it is refused.",
  scopes: ["org:write"],
  effect: "write",
  tables: organizationTables,
  input: z.object({
    environment_id: environmentId,
    name: displayName("Name of the customer."),
    external_id: z
      .string()
      .regex(/^[!-~]{1,200}$/)
      .optional()
      .describe("The customer's id in your own systems, unique in the environment: 1 to 200 ASCII characters without spaces."),
  }),
  output: organizationDetails,
  examples: [
    {
      title: "A new customer",
      input: { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e", name: "Globex", external_id: "crm-1042" },
      output: {
        organization_id: "org_8e0a2c4f6b1d3e5a7c9f0b2d4e6a8c1f",
        name: "Globex",
        external_id: "crm-1042",
        created_at: "2026-03-14T10:30:00.000Z",
        environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e",
        version: 1,
      },
    },
  ],
  async run({ environment_id, name, external_id = null }, context) {
    if ((await findEnvironment(context, environment_id)) === undefined) return NO_SUCH_ENVIRONMENT;
    const { caller, db, now } = context;
    const row = { id: newId("org"), workspace_id: caller.workspaceId, environment_id, name, external_id, created_at: now(), version: 1 };
    // One statement decides and writes, so that of two calls at the same time one is told.
    const created = await db
      .insertInto("organization")
      .values(row)
      .onConflict((conflict) => conflict.columns(["environment_id", "external_id"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (created !== undefined) return describeOrganization(row);
    const existing = db
      .selectFrom("organization")
      .select("id")
      .where("environment_id", "=", environment_id)
      .where("external_id", "=", external_id);
    return externalIdTaken((await existing.executeTakeFirst())?.id);
  },
});

/** Names the organization in the way, so that a repeated call finds what the first one made. */
function externalIdTaken(id: string | undefined) {
  const which = id === undefined ? "" : ` Its organization_id is ${id}.`;
  return toolError(`An organization with this external_id exists already in this environment, so none was created.${which}`);
}
