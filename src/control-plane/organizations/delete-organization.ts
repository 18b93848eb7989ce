import * as z from "zod";
import { defineTool, isUniqueViolation, toolError, undoable } from "../../index.ts";
import { NO_SUCH_ORGANIZATION, requireOrganization } from "../access.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeOrganization } from "./organization.ts";

const undoData = z.object({ organization_id: z.string() });
const CHANGED = toolError("The organization was changed at this moment, so nothing was deleted. Look at it again before you decide.");
const TAKEN = toolError(
  "Another organization has its external_id by now, so it stays deleted. Change that organization's external_id first.",
);

export const deleteOrganization = defineTool({
  name: "delete_organization",
  title: "Delete organization",
  description: "Deletes a customer altogether: users, roles and settings too. Can be undone for a day.",
  scopes: ["org:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  examples: [
    {
      title: "Delete one",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
    },
  ],
  async plan(ids, context) {
    const row = await requireOrganization(context, ids);
    if (!("id" in row)) return row;
    const users = context.db.selectFrom("organization_user").where("organization_id", "=", row.id);
    const { count } = await users.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    const emails = await users.select("email").orderBy("id").limit(100).execute();
    const { version, ...before } = describeOrganization(row);
    return planOf(
      `Deletes the organization ${row.name} with its ${count} users.`,
      [{ change: "delete", resource: `organization ${row.id}`, before }],
      { rows: 1 + count, losesAccess: emails.map(({ email }) => email), versions: { [row.id]: version } },
    );
  },
  async run(ids, context) {
    const row = await requireOrganization(context, ids);
    if (!("id" in row)) return row;
    const deleted = await context.db
      .updateTable("organization")
      .set({ deleted_at: context.now(), version: row.version + 1 })
      .where("id", "=", row.id)
      .where("version", "=", row.version)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return deleted === undefined ? CHANGED : undoable(`The organization ${row.id} is deleted.`, { organization_id: row.id });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const { organization_id } = undoData.parse(data);
      try {
        const restored = await db
          .updateTable("organization")
          .set(({ eb }) => ({ deleted_at: null, version: eb("version", "+", 1) }))
          .where("id", "=", organization_id)
          .where("deleted_at", "is not", null)
          .returning("name")
          .executeTakeFirst();
        return restored === undefined ? NO_SUCH_ORGANIZATION : `The organization ${restored.name} is back with its users.`;
      } catch (error) {
        if (isUniqueViolation(error)) return TAKEN;
        throw error;
      }
    },
  },
});
