import * as z from "zod";
import { defineTool } from "../../index.ts";
import { LIMITED } from "../access.ts";
import { expectedVersion, memberId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { changedMeanwhile, refuseStale } from "../versions.ts";
import { findMember, NO_SUCH_MEMBER, refuseAbove, refuseLastOwner, ROLES } from "./member.ts";
import { controlPlaneTables } from "../tables/index.ts";

export const updateWorkspaceMemberRole = defineTool({
  name: "update_workspace_member_role",
  title: "Update workspace member role",
  description: "Changes the role of a member. Neither role may be above your own; the last owner stays owner.",
  scopes: ["wks:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object({ member_id: memberId, role: z.enum(ROLES), expected_version: expectedVersion }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Make an admin",
      input: { member_id: SAMPLE.memberId, role: "admin" },
      output: { version: 2 },
    },
  ],
  async run({ member_id, role, expected_version }, context) {
    const { caller, db } = context;
    if (caller.environments !== undefined) return LIMITED;
    const row = await findMember(db, member_id);
    if (row === undefined) return NO_SUCH_MEMBER;
    const refused =
      refuseStale({ version: row.version, values: { role: row.role } }, expected_version, { role }) ??
      (await refuseAbove(context, row.role, role));
    if (refused !== undefined) return refused;
    const written = await db.transaction().execute(async (trx) => {
      const last = role === "owner" ? undefined : await refuseLastOwner(trx, row, caller.workspaceId);
      if (last !== undefined) return last;
      return trx
        .updateTable("member")
        .set({ role, version: row.version + 1 })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .returning("version")
        .executeTakeFirst();
    });
    if (written !== undefined) return written;
    const now = await findMember(db, member_id);
    return now === undefined ? NO_SUCH_MEMBER : changedMeanwhile({ version: now.version, values: { role: now.role } }, { role });
  },
});
