import * as z from "zod";
import { defineTool } from "../../index.ts";
import { orderedById, readPage } from "../paging.ts";
import { nextCursor, pageParameters } from "../parameters.ts";

export const listWorkspaceMembers = defineTool({
  name: "list_workspace_members",
  title: "List workspace members",
  description: "Lists the people of your workspace with email and role.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object(pageParameters),
  output: z.object({
    members: z.array(
      z.object({
        member_id: z.string(),
        name: z.string(),
        email: z.string(),
        role: z.string(),
        joined_at: z.string(),
      }),
    ),
    next_cursor: nextCursor,
  }),
  examples: [
    {
      title: "The first 20 members",
      input: {},
      output: {
        members: [
          {
            member_id: "mem_2c4e6f8a0b1d3c5e7f9a1b3d5c7e9f0a",
            name: "Ada Nakamura",
            email: "ada@acme.example",
            role: "owner",
            joined_at: "2026-01-05T08:00:00.000Z",
          },
        ],
        next_cursor: null,
      },
    },
  ],
  async run(request, context) {
    const { caller, db } = context;
    const members = db
      .selectFrom("member")
      .innerJoin("account", "account.id", "member.account_id")
      .select(["member.id", "account.name", "account.email", "member.role", "member.created_at"])
      .where("member.workspace_id", "=", caller.workspaceId)
      .orderBy("member.id");
    const listing = orderedById("list_workspace_members", (after, limit) => members.where("member.id", ">", after).limit(limit).execute());
    const page = await readPage(context, listing, request);
    if (!("rows" in page)) return page;
    const shown = page.rows.map(({ id, name, email, role, created_at }) => {
      return { member_id: id, name, email, role, joined_at: new Date(created_at).toISOString() };
    });
    return { members: shown, next_cursor: page.next_cursor };
  },
});
