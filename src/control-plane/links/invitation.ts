import * as z from "zod";
import { newId } from "../new-id.ts";
import { displayName } from "../parameters.ts";
import type { LinkAct } from "./acts.ts";
import { LinkProblem } from "./link-problem.ts";

const invited = z.object({ email: z.string(), role: z.enum(["owner", "admin", "member", "viewer"]) });
const name = displayName("Your name.");

/** Makes the account, unless the person has one, and the place in the workspace. It signs nobody in. */
export const invitation: LinkAct = {
  async describe(db, link) {
    const { email, role } = invited.parse(JSON.parse(link.data));
    const workspace = await db.selectFrom("workspace").select("name").where("id", "=", link.workspace_id).executeTakeFirst();
    if (workspace === undefined) return undefined;
    const account = await db.selectFrom("account").select("name").where("email", "=", email).executeTakeFirst();
    return {
      title: `Join ${workspace.name}`,
      text: `${email} becomes ${role} of the workspace ${workspace.name}.`,
      fields: account === undefined ? [{ name: "name", label: "Your name", kind: "text", value: "" }] : [],
    };
  },
  async apply(trx, link, { nowMs, form }) {
    const { email, role } = invited.parse(JSON.parse(link.data));
    const present = await trx.selectFrom("account").select("id").where("email", "=", email).executeTakeFirst();
    const accountId = present?.id ?? newId("acc");
    if (present === undefined) {
      const parsed = name.safeParse(form["name"] ?? "");
      if (!parsed.success) throw new LinkProblem("Say your name, in 1 to 100 characters.");
      await trx.insertInto("account").values({ id: accountId, email, name: parsed.data, created_at: nowMs }).execute();
    }
    const member = await trx
      .insertInto("member")
      .values({ id: newId("mem"), workspace_id: link.workspace_id, account_id: accountId, role, created_at: nowMs, version: 1 })
      .onConflict((conflict) => conflict.columns(["workspace_id", "account_id"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    return member === undefined ? "You are a member of this workspace already." : "You are a member of this workspace now.";
  },
};
