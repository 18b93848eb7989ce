/** What a call may be about: the answer is the same for what is another workspace's, in another environment, deleted, or never was. */
import { toolError, type CallContext, type ToolTables } from "../index.ts";
import type { ControlPlaneTables, OrganizationRow } from "./tables/index.ts";

export type Context = CallContext<ControlPlaneTables>;
export type Db = Context["db"];
export type Refused = ReturnType<typeof toolError>;

export const NO_SUCH_ENVIRONMENT = toolError(
  "There is no environment with this environment_id in your workspace. list_environments shows those that exist.",
);

export const NO_SUCH_ORGANIZATION = toolError(
  "There is no organization with this organization_id in this environment. list_organizations shows those that exist.",
);

export const LIMITED = toolError(
  "Your access is limited to certain environments of this workspace, and this is about the whole of it. Ask the person who gave it.",
);

/** The environment of the caller's workspace that has this id, or undefined. */
export async function findEnvironment(
  { caller, db }: Pick<CallContext, "caller" | "db">,
  id: string,
): Promise<ToolTables["environment"] | undefined> {
  return db
    .selectFrom("environment")
    .selectAll()
    .where("workspace_id", "=", caller.workspaceId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}

/** Undefined when the caller may see the environment; else what to tell. */
export async function refuseEnvironment(context: Pick<Context, "caller" | "db">, id: string): Promise<Refused | undefined> {
  return (await findEnvironment(context, id)) === undefined ? NO_SUCH_ENVIRONMENT : undefined;
}

/** The organization in an environment that the caller may see, or what to tell. */
export async function requireOrganization(
  context: Pick<Context, "caller" | "db">,
  ids: { readonly environment_id: string; readonly organization_id: string },
): Promise<OrganizationRow | Refused> {
  const refused = await refuseEnvironment(context, ids.environment_id);
  if (refused !== undefined) return refused;
  const row = await context.db
    .selectFrom("organization")
    .selectAll()
    .where("workspace_id", "=", context.caller.workspaceId)
    .where("environment_id", "=", ids.environment_id)
    .where("id", "=", ids.organization_id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return row ?? NO_SUCH_ORGANIZATION;
}
