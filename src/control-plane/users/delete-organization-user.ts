import * as z from "zod";
import { defineTool, undoable } from "../../index.ts";
import { requireOrganization, type Context } from "../access.ts";
import { environmentId, organizationId, userId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { forgetWords, indexWords } from "../search/index.ts";
import { controlPlaneTables, type UserRow } from "../tables/index.ts";
import { EMAIL_TAKEN, findUser, NO_SUCH_USER, summarizeUser } from "./user.ts";

interface Ids {
  readonly environment_id: string;
  readonly organization_id: string;
  readonly user_id: string;
}

export const deleteOrganizationUser = defineTool({
  name: "delete_organization_user",
  title: "Delete organization user",
  description: "Removes a user from an organization. Can be undone for a day.",
  scopes: ["org:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId, user_id: userId }),
  examples: [
    {
      title: "Remove one",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId, user_id: SAMPLE.userId },
    },
  ],
  async plan(ids, context) {
    const row = await requireUser(context, ids);
    if (!("id" in row)) return row;
    const { version, ...before } = summarizeUser(row);
    const change = { change: "delete", resource: `user ${row.id}`, before } as const;
    return planOf(`Removes ${row.email} from the organization.`, [change], { losesAccess: [row.email], versions: { [row.id]: version } });
  },
  async run(ids, context) {
    const row = await requireUser(context, ids);
    if (!("id" in row)) return row;
    const { role: _, ...plain } = row;
    return context.db.transaction().execute(async (trx) => {
      const { numDeletedRows } = await trx.deleteFrom("organization_user").where("id", "=", row.id).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return NO_SUCH_USER;
      await forgetWords(trx, row.id);
      return undoable(`The user ${row.id} is deleted.`, plain);
    });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const row = data as UserRow;
      return db.transaction().execute(async (trx) => {
        const restored = await trx
          .insertInto("organization_user")
          .values({ ...row, version: row.version + 1 })
          .onConflict((conflict) => conflict.doNothing())
          .returning("id")
          .executeTakeFirst();
        if (restored === undefined) return EMAIL_TAKEN;
        const { workspace_id, environment_id, id: resource_id, email, name } = row;
        await indexWords(trx, { workspace_id, environment_id, kind: "user", resource_id }, [email, name]);
        return `${email} is back in the organization.`;
      });
    },
  },
});

async function requireUser(context: Context, { user_id, ...ids }: Ids) {
  const organization = await requireOrganization(context, ids);
  if (!("id" in organization)) return organization;
  return (await findUser(context.db, organization.id, user_id)) ?? NO_SUCH_USER;
}
