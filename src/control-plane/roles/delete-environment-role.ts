import * as z from "zod";
import { defineTool, isUniqueViolation, undoable } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId, roleId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { describeRole, findRole, NO_SUCH_ROLE, ROLE_TAKEN } from "./role.ts";

const undoData = z.object({ role_id: z.string() });

export const deleteEnvironmentRole = defineTool({
  name: "delete_environment_role",
  title: "Delete environment role",
  description: "Deletes a role of an environment; users who have it are left without one. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, role_id: roleId }),
  examples: [{ title: "Delete one", input: { environment_id: SAMPLE.environmentId, role_id: SAMPLE.roleId } }],
  async plan({ environment_id, role_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = await findRole(context.db, environment_id, role_id);
    if (row === undefined) return NO_SUCH_ROLE;
    const users = context.db
      .selectFrom("organization_user as u")
      .innerJoin("organization as o", "o.id", "u.organization_id")
      .where("u.role_id", "=", role_id)
      .where("o.deleted_at", "is", null);
    const { count } = await users.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    const emails = await users.select("u.email").orderBy("u.id").limit(100).execute();
    const { version, ...before } = describeRole(row);
    return planOf(`Deletes the role ${row.name}, which ${count} users have.`, [{ change: "delete", resource: `role ${role_id}`, before }], {
      rows: 1 + count,
      losesAccess: emails.map(({ email }) => email),
      versions: { [role_id]: version },
    });
  },
  async run({ environment_id, role_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const deleted = await context.db
      .updateTable("environment_role")
      .set(({ eb }) => ({ deleted_at: context.now(), version: eb("version", "+", 1) }))
      .where("id", "=", role_id)
      .where("owner_id", "=", environment_id)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return deleted === undefined ? NO_SUCH_ROLE : undoable(`The role ${role_id} is deleted.`, { role_id });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const { role_id } = undoData.parse(data);
      try {
        const restored = await db
          .updateTable("environment_role")
          // Another may have become the one that is given without asking.
          .set(({ eb }) => ({ deleted_at: null, is_default: 0, version: eb("version", "+", 1) }))
          .where("id", "=", role_id)
          .where("deleted_at", "is not", null)
          .returning("name")
          .executeTakeFirst();
        return restored === undefined ? NO_SUCH_ROLE : `The role ${restored.name} is back, also with the users who had it.`;
      } catch (error) {
        if (isUniqueViolation(error)) return ROLE_TAKEN;
        throw error;
      }
    },
  },
});
