import * as z from "zod";
import { defineTool, isUniqueViolation } from "../../index.ts";
import { requireOrganization } from "../access.ts";
import { displayName, environmentId, expectedVersion, externalId, organizationId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { indexWords } from "../search/index.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import { externalIdTaken } from "./create-organization.ts";

export const updateOrganization = defineTool({
  name: "update_organization",
  title: "Update organization",
  description: "Changes the name or external id of an organization. update_organization_settings changes its features.",
  scopes: ["org:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    organization_id: organizationId,
    name: displayName().optional(),
    external_id: externalId.optional(),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Another name",
      input: {
        environment_id: SAMPLE.environmentId,
        organization_id: SAMPLE.organizationId,
        name: "Globex Corporation",
        expected_version: 1,
      },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, organization_id, expected_version, ...wanted }, context) {
    const row = await requireOrganization(context, { environment_id, organization_id });
    if (!("id" in row)) return row;
    const changes = given(wanted);
    if (Object.keys(changes).length === 0) return NOTHING_SENT;
    const stale = refuseStale({ version: row.version, values: { ...row } }, expected_version, changes);
    if (stale !== undefined) return stale;
    try {
      const written = await context.db.transaction().execute(async (trx) => {
        const next = await trx
          .updateTable("organization")
          .set({ ...changes, version: row.version + 1 })
          .where("id", "=", row.id)
          .where("version", "=", row.version)
          .where("deleted_at", "is", null)
          .returning(["name", "external_id", "version"])
          .executeTakeFirst();
        const { workspace_id } = row;
        const thing = { workspace_id, environment_id, kind: "organization", resource_id: row.id } as const;
        if (next !== undefined) await indexWords(trx, thing, [next.name, next.external_id]);
        return next;
      });
      if (written !== undefined) return { version: written.version };
    } catch (error) {
      if (isUniqueViolation(error)) return externalIdTaken(context.db, { environment_id, external_id: changes.external_id ?? null });
      throw error;
    }
    const now = await requireOrganization(context, { environment_id, organization_id });
    return "id" in now ? changedMeanwhile({ version: now.version, values: { ...now } }, changes) : now;
  },
});
