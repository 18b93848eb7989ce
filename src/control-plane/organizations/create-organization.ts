import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment, type Context, type Db } from "../access.ts";
import { newId } from "../new-id.ts";
import { displayName, environmentId, externalId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { indexWords } from "../search/index.ts";
import { controlPlaneTables, type OrganizationRow } from "../tables/index.ts";

export const createOrganization = defineTool({
  name: "create_organization",
  title: "Create organization",
  description:
    "Creates an organization (a customer) in an environment. With external_id, repeating the call is safe: a second one with it is refused.",
  scopes: ["org:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, name: displayName(), external_id: externalId.optional() }),
  output: z.object({ organization_id: z.string(), version: z.number() }),
  examples: [
    {
      title: "A new customer",
      input: { environment_id: SAMPLE.environmentId, name: "Globex", external_id: "crm-1042" },
      output: { organization_id: SAMPLE.organizationId, version: 1 },
    },
  ],
  async run({ environment_id, name, external_id = null }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = newOrganization(context, { environment_id, name, external_id });
    return context.db.transaction().execute(async (trx) => (await insertOrganization(trx, row)) ?? { organization_id: row.id, version: 1 });
  },
});

export function newOrganization(
  { caller, now }: Pick<Context, "caller" | "now">,
  given: Pick<OrganizationRow, "environment_id" | "name" | "external_id">,
): OrganizationRow {
  const template = { template_id: null, template_version: null };
  return {
    id: newId("org"),
    workspace_id: caller.workspaceId,
    ...given,
    ...template,
    features: "{}",
    created_at: now(),
    version: 1,
    deleted_at: null,
  };
}

/** Inserts it, or says who has its external id. */
export async function insertOrganization(trx: Db, row: OrganizationRow) {
  // One statement decides and writes, so that of two calls at the same time one is told.
  const created = await trx
    .insertInto("organization")
    .values(row)
    .onConflict((conflict) => conflict.columns(["environment_id", "external_id"]).where("deleted_at", "is", null).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (created === undefined) return externalIdTaken(trx, row);
  const { id: resource_id, workspace_id, environment_id, name, external_id } = row;
  await indexWords(trx, { workspace_id, environment_id, kind: "organization", resource_id }, [name, external_id]);
  return undefined;
}

/** Names the organization in the way, so that a repeated call finds what the first one made. */
export async function externalIdTaken(db: Db, { environment_id, external_id }: Pick<OrganizationRow, "environment_id" | "external_id">) {
  const existing = await db
    .selectFrom("organization")
    .select("id")
    .where("environment_id", "=", environment_id)
    .where("external_id", "=", external_id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  const which = existing === undefined ? "" : ` Its organization_id is ${existing.id}.`;
  return toolError(`An organization with this external_id exists already in this environment, so nothing was written.${which}`);
}
