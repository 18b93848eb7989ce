import { toolError } from "../../index.ts";
import type { Context, Db } from "../access.ts";

export const ROLES = ["viewer", "member", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

export const NO_SUCH_MEMBER = toolError(
  "There is no member with this member_id in your workspace. list_workspace_members shows those that exist.",
);

const LAST_OWNER = toolError("This is the only owner of the workspace, who must stay one. Make somebody else owner first.");

/** What an agent that acts for nobody may give at most, whoever made it. */
const AGENT_ROLE: Role = "admin";

export async function findMember(db: Db, memberId: string) {
  return db
    .selectFrom("member")
    .innerJoin("account", "account.id", "member.account_id")
    .select(["member.id", "member.account_id", "member.role", "member.version", "member.created_at", "account.email", "account.name"])
    .where("member.id", "=", memberId)
    .executeTakeFirst();
}

export type Member = NonNullable<Awaited<ReturnType<typeof findMember>>>;

/** The role of the person whom the caller acts for; for an agent that acts for nobody, that of an admin. */
async function ownRole({ caller, db }: Context): Promise<Role> {
  if (caller.subject === caller.clientId) return AGENT_ROLE;
  const row = await db.selectFrom("member").select("role").where("account_id", "=", caller.subject).executeTakeFirst();
  // Somebody who left the workspace gives nothing any more.
  return row?.role ?? "viewer";
}

/** What to tell when the caller's own role is below one of these roles; undefined when it is not. */
export async function refuseAbove(context: Context, ...roles: readonly Role[]) {
  const own = await ownRole(context);
  const highest = ROLES[Math.max(...roles.map((role) => ROLES.indexOf(role)))] ?? "owner";
  return ROLES.indexOf(highest) <= ROLES.indexOf(own)
    ? undefined
    : toolError(
        `Nobody gives, changes or takes a role above their own: that is ${own} here, and this needs ${highest}. Ask an ${highest === "owner" ? "owner" : highest} of the workspace.`,
      );
}

/** Lets no other call change owners until this transaction ends; what to tell when this member is the last of them. */
export async function refuseLastOwner(trx: Db, member: Pick<Member, "id" | "role">, workspaceId: string) {
  if (member.role !== "owner") return undefined;
  await trx
    .updateTable("workspace")
    .set(({ ref }) => ({ name: ref("name") }))
    .where("id", "=", workspaceId)
    .execute();
  const other = await trx.selectFrom("member").select("id").where("role", "=", "owner").where("id", "!=", member.id).executeTakeFirst();
  return other === undefined ? LAST_OWNER : undefined;
}
