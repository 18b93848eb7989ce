import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { readPage } from "../paging.ts";
import { environmentId, nextCursor, pageParameters } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { NO_WORDS, findByWords, rarestWord, searchListing, searchQuery, searchedWords } from "../search/index.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { organizationSummary, summarizeOrganization } from "./organization.ts";

export const searchOrganizations = defineTool({
  name: "search_organizations",
  title: "Search organizations",
  description: "Finds customers: each word begins one of the name or the external id.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, query: searchQuery, ...pageParameters }),
  output: z.object({ organizations: z.array(organizationSummary), next_cursor: nextCursor }),
  examples: [
    {
      title: "All whose name has a word that begins with glo",
      input: { environment_id: SAMPLE.environmentId, query: "glo" },
      output: {
        organizations: [{ organization_id: SAMPLE.organizationId, name: "Globex", external_id: "crm-1042", created_at: SAMPLE.at }],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, query, ...request }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const words = searchedWords(query);
    if (words.length === 0) return NO_WORDS;
    const place = { workspace_id: context.caller.workspaceId, environment_id, kind: "organization" } as const;
    const find = (ordered: readonly string[]) =>
      findByWords(context.db, place, ordered)
        .innerJoin("organization as o", "o.id", "found.resource_id")
        .select(["o.id", "o.name", "o.external_id", "o.created_at"])
        .where("o.deleted_at", "is", null);
    const rarest = () => rarestWord(context.db, place, words);
    const page = await readPage(context, searchListing({ name: `search_organizations ${environment_id}`, words, rarest, find }), request);
    if (!("rows" in page)) return page;
    return { organizations: page.rows.map(summarizeOrganization), next_cursor: page.next_cursor };
  },
});
