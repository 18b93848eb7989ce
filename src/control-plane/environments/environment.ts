import * as z from "zod";
import { toolError, type CallContext, type ToolTables } from "../../index.ts";

type EnvironmentRow = ToolTables["environment"];

/** The same answer for an id of another workspace, a deleted one and one that never was, so that it tells nothing about others. */
export const NO_SUCH_ENVIRONMENT = toolError(
  "There is no environment with this environment_id in your workspace. list_environments shows those that exist.",
);

/** An environment as a list shows it. */
export const environmentSummary = z.object({
  environment_id: z.string(),
  name: z.string(),
  slug: z.string(),
  kind: z.enum(["production", "development"]),
});

/** All about an environment. */
export const environmentDetails = environmentSummary.extend({ created_at: z.string(), version: z.number() });

export function summarizeEnvironment({ id, name, slug, kind }: Pick<EnvironmentRow, "id" | "name" | "slug" | "kind">) {
  return { environment_id: id, name, slug, kind };
}

export function describeEnvironment(row: EnvironmentRow) {
  return { ...summarizeEnvironment(row), created_at: new Date(row.created_at).toISOString(), version: row.version };
}

/** The environment of the caller's workspace that has this id, or undefined. */
export async function findEnvironment({ caller, db }: Pick<CallContext, "caller" | "db">, id: string): Promise<EnvironmentRow | undefined> {
  return db
    .selectFrom("environment")
    .selectAll()
    .where("workspace_id", "=", caller.workspaceId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}
