import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { LIMITED } from "../access.ts";
import { createLink } from "../links/index.ts";
import { email } from "../parameters.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { refuseAbove, ROLES } from "./member.ts";

const TTL_SECONDS = 7 * 86_400;
const IS_MEMBER = toolError("This person is a member of the workspace already. update_workspace_member_role changes what they may do.");

export const inviteWorkspaceMember = defineTool({
  name: "invite_workspace_member",
  title: "Invite workspace member",
  description:
    "Invites a person to your workspace, with a role not above your own. The link, good once for a week, is mailed or else returned.",
  scopes: ["wks:write"],
  effect: "write",
  openWorld: true,
  tables: controlPlaneTables,
  input: z.object({ email, role: z.enum(ROLES) }),
  output: z.object({ mailed: z.boolean(), url: z.string().nullable(), expires_at: z.string() }),
  examples: [
    {
      title: "Somebody who only looks",
      input: { email: "dana@acme.example", role: "viewer" },
      output: { mailed: true, url: null, expires_at: "2026-03-21T10:30:00.000Z" },
    },
  ],
  async run({ email, role }, context) {
    const { caller, db } = context;
    if (caller.environments !== undefined) return LIMITED;
    const refused = await refuseAbove(context, role);
    if (refused !== undefined) return refused;
    const present = await db
      .selectFrom("member")
      .innerJoin("account", "account.id", "member.account_id")
      .select("member.id")
      .where("account.email", "=", email)
      .executeTakeFirst();
    if (present !== undefined) return IS_MEMBER;
    const { name } = await db.selectFrom("workspace").select("name").where("id", "=", caller.workspaceId).executeTakeFirstOrThrow();
    const { url, expires_at } = await createLink(context, {
      kind: "invitation",
      environment_id: null,
      data: { email, role },
      ttlSeconds: TTL_SECONDS,
    });
    const text = `You are invited to the workspace ${name} as ${role}.\n\nAccept here, until ${expires_at}:\n${url}\n\nIf you do not expect this, do nothing.\n`;
    const mailed = await context.mail({ to: email, subject: `Invitation to ${name}`, text });
    // Whoever has the link can accept it: nobody but the person invited needs it.
    return { mailed, url: mailed ? null : url, expires_at };
  },
});
