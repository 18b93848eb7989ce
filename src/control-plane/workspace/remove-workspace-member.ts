import * as z from "zod";
import { defineTool, toolError, undoable } from "../../index.ts";
import { LIMITED, type Context } from "../access.ts";
import { memberId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { findMember, NO_SUCH_MEMBER, refuseAbove, refuseLastOwner, ROLES } from "./member.ts";

const undoData = z.object({ id: z.string(), account_id: z.string(), role: z.enum(ROLES), version: z.number(), created_at: z.number() });
const IS_MEMBER = toolError("This person is a member of the workspace again, so nothing was put back.");

export const removeWorkspaceMember = defineTool({
  name: "remove_workspace_member",
  title: "Remove workspace member",
  description:
    "Removes a person whose role is not above your own from your workspace, with all agents that act for them here. Can be undone for a day.",
  scopes: ["wks:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ member_id: memberId }),
  examples: [{ title: "Remove one", input: { member_id: SAMPLE.memberId } }],
  async plan({ member_id }, context) {
    const row = await requireRemovable(context, member_id);
    if (!("id" in row)) return row;
    const { id, email, name, role, version } = row;
    const change = { change: "delete", resource: `member ${id}`, before: { email, name, role } } as const;
    return planOf(`Removes ${email}, who is ${role}, from the workspace.`, [change], { losesAccess: [email], versions: { [id]: version } });
  },
  async run({ member_id }, context) {
    const row = await requireRemovable(context, member_id);
    if (!("id" in row)) return row;
    const { id, account_id, role, version, created_at } = row;
    return context.db.transaction().execute(async (trx) => {
      const last = await refuseLastOwner(trx, row, context.caller.workspaceId);
      if (last !== undefined) return last;
      const { numDeletedRows } = await trx
        .deleteFrom("member")
        .where("id", "=", id)
        .where("version", "=", version)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 0n
        ? NO_SUCH_MEMBER
        : undoable(`The member ${id} is removed.`, { id, account_id, role, version, created_at });
    });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { caller, db }) {
      const row = undoData.parse(data);
      const restored = await db
        .insertInto("member")
        .values({ ...row, workspace_id: caller.workspaceId, version: row.version + 1 })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      return restored === undefined ? IS_MEMBER : `The person is ${row.role} of the workspace again.`;
    },
  },
});

async function requireRemovable(context: Context, memberId: string) {
  if (context.caller.environments !== undefined) return LIMITED;
  const row = await findMember(context.db, memberId);
  if (row === undefined) return NO_SUCH_MEMBER;
  return (await refuseAbove(context, row.role)) ?? (await refuseLastOwner(context.db, row, context.caller.workspaceId)) ?? row;
}
