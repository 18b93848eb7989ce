import * as z from "zod";
import { defineTool, type ToolContext } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { readPage, type Listing, type PageRequest, type Position, type Steps } from "../paging.ts";
import { environmentId, nextCursor, pageParameters } from "../parameters.ts";
import { organizationSummary, summarizeOrganization } from "./organization.ts";
import { controlPlaneTables, type ControlPlaneTables, type OrganizationRow } from "../tables/index.ts";

/** Pages larger than the default are sent while they are read, in steps of so many rows. */
const LARGE_PAGE = 20;
const STEP_ROWS = 10;

type Row = Pick<OrganizationRow, "id" | "name" | "external_id" | "created_at">;
type Context = ToolContext<ControlPlaneTables>;

export const listOrganizations = defineTool({
  name: "list_organizations",
  title: "List organizations",
  description: "Lists the organizations (customers) of an environment, newest first. Above 20 rows come in parts.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, ...pageParameters }),
  output: z.object({ organizations: z.array(organizationSummary), next_cursor: nextCursor }),
  examples: [
    {
      title: "The 20 newest organizations",
      input: { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e" },
      output: {
        organizations: [
          {
            organization_id: "org_8e0a2c4f6b1d3e5a7c9f0b2d4e6a8c1f",
            name: "Globex",
            external_id: "crm-1042",
            created_at: "2026-03-14T10:30:00.000Z",
          },
        ],
        next_cursor: null,
      },
    },
  ],
  async run({ environment_id, ...request }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const page = await readPage(context, newestFirst(context, environment_id), { ...request, steps: streaming(context, request) });
    if (!("rows" in page)) return page;
    return { organizations: page.rows.map(summarizeOrganization), next_cursor: page.next_cursor };
  },
});

function newestFirst({ caller, db }: Context, environmentId: string): Listing<Row> {
  const organizations = db
    .selectFrom("organization")
    .select(["id", "name", "external_id", "created_at"])
    .where("workspace_id", "=", caller.workspaceId)
    .where("environment_id", "=", environmentId)
    .where("deleted_at", "is", null)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc");
  return {
    name: `list_organizations ${environmentId}`,
    read(after, limit) {
      if (after === undefined) return organizations.limit(limit).execute();
      const [createdAt, id] = after;
      return organizations
        .where(({ eb, refTuple, tuple }) => eb(refTuple("created_at", "id"), "<", tuple(Number(createdAt), id ?? "")))
        .limit(limit)
        .execute();
    },
    positionOf: ({ created_at, id }): Position => [String(created_at), id],
  };
}

function streaming(context: Context, { page_size }: PageRequest): Steps<Row> | undefined {
  if (page_size <= LARGE_PAGE) return undefined;
  let count = 0;
  return {
    rows: STEP_ROWS,
    async onRows(rows) {
      context.signal.throwIfAborted();
      if (count === 0) await context.progress(0, undefined, `Reading up to ${page_size} organizations.`);
      count += rows.length;
      if (rows.length > 0) await context.partial(rows.map(({ id, name }) => `${id} ${name}`).join("\n"));
    },
  };
}
