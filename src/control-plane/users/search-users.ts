import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { readPage } from "../paging.ts";
import { environmentId, nextCursor, pageParameters } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { NO_WORDS, findByWords, rarestWord, searchListing, searchQuery, searchedWords } from "../search/index.ts";
import { controlPlaneTables } from "../tables/index.ts";

export const searchUsers = defineTool({
  name: "search_users",
  title: "Search users",
  description: "Finds users of all organizations by beginnings of words of their name or email.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, query: searchQuery, ...pageParameters }),
  output: z.object({
    users: z.array(z.object({ user_id: z.string(), organization_id: z.string(), email: z.string(), name: z.string().nullable() })),
    next_cursor: nextCursor,
  }),
  examples: [
    {
      title: "All Hanks",
      input: { environment_id: SAMPLE.environmentId, query: "hank" },
      output: {
        users: [{ user_id: SAMPLE.userId, organization_id: SAMPLE.organizationId, email: "hank@globex.example", name: "Hank Scorpio" }],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, query, ...request }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const words = searchedWords(query);
    if (words.length === 0) return NO_WORDS;
    const place = { workspace_id: context.caller.workspaceId, environment_id, kind: "user" } as const;
    const find = (ordered: readonly string[]) =>
      findByWords(context.db, place, ordered)
        .innerJoin("organization_user as u", "u.id", "found.resource_id")
        .innerJoin("organization as o", "o.id", "u.organization_id")
        .select(["u.id", "u.organization_id", "u.email", "u.name"])
        .where("o.deleted_at", "is", null);
    const rarest = () => rarestWord(context.db, place, words);
    const page = await readPage(context, searchListing({ name: `search_users ${environment_id}`, words, rarest, find }), request);
    if (!("rows" in page)) return page;
    const users = page.rows.map(({ id, organization_id, email, name }) => ({ user_id: id, organization_id, email, name }));
    return { users, next_cursor: page.next_cursor };
  },
});
