import * as z from "zod";
import { defineTool, isUniqueViolation, toolError, undoable } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT, type Context } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { SLUG_TAKEN } from "./create-environment.ts";
import { describeEnvironment } from "./environment.ts";

const undoData = z.object({ environment_id: z.string(), slug: z.string() });

export const deleteEnvironment = defineTool({
  name: "delete_environment",
  title: "Delete environment",
  description: "Deletes an environment with everything in it: organizations, users, roles, connections. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  examples: [{ title: "Delete one", input: { environment_id: SAMPLE.environmentId } }],
  async plan({ environment_id }, context) {
    const row = await findEnvironment(context, environment_id);
    if (row === undefined) return NO_SUCH_ENVIRONMENT;
    const { organizations, users, emails } = await contentsOf(context, environment_id);
    const { created_at: _, version, ...before } = describeEnvironment(row);
    return planOf(
      `Deletes the ${row.kind} environment ${row.name} with ${organizations} organizations and their ${users} users.`,
      [{ change: "delete", resource: `environment ${row.id}`, before }],
      { rows: 1 + organizations + users, losesAccess: emails, versions: { [row.id]: version } },
    );
  },
  async run({ environment_id }, context) {
    const row = await findEnvironment(context, environment_id);
    if (row === undefined) return NO_SUCH_ENVIRONMENT;
    const deleted = await context.db
      .updateTable("environment")
      // Its slug is free for another environment from now on.
      .set({ deleted_at: context.now(), slug: `deleted-${row.id.toLowerCase()}`, version: row.version + 1 })
      .where("id", "=", row.id)
      .where("version", "=", row.version)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (deleted === undefined) return CHANGED;
    return undoable(`The environment ${row.id} is deleted.`, { environment_id, slug: row.slug });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const { environment_id, slug } = undoData.parse(data);
      try {
        const restored = await db
          .updateTable("environment")
          .set(({ eb }) => ({ deleted_at: null, slug, version: eb("version", "+", 1) }))
          .where("id", "=", environment_id)
          .where("deleted_at", "is not", null)
          .returning("name")
          .executeTakeFirst();
        return restored === undefined ? NO_SUCH_ENVIRONMENT : `The environment ${restored.name} is back with everything in it.`;
      } catch (error) {
        if (isUniqueViolation(error)) return SLUG_TAKEN;
        throw error;
      }
    },
  },
});

const CHANGED = toolError("The environment was changed at this moment, so nothing was deleted. Look at it again before you decide.");

/** How much there is in an environment, and the first people of it. */
async function contentsOf({ db }: Context, environmentId: string) {
  const living = db.selectFrom("organization").where("environment_id", "=", environmentId).where("deleted_at", "is", null);
  const { organizations } = await living.select((eb) => eb.fn.countAll<number>().as("organizations")).executeTakeFirstOrThrow();
  const theirs = db
    .selectFrom("organization_user as u")
    .innerJoin("organization as o", "o.id", "u.organization_id")
    .where("u.environment_id", "=", environmentId)
    .where("o.deleted_at", "is", null);
  const { users } = await theirs.select((eb) => eb.fn.countAll<number>().as("users")).executeTakeFirstOrThrow();
  const first = await theirs.select("u.email").limit(100).execute();
  return { organizations, users, emails: first.map(({ email }) => email) };
}
