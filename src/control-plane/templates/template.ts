import * as z from "zod";
import { toolError } from "../../index.ts";
import { refuseEnvironment, type Context, type Db, type Refused } from "../access.ts";
import { connectionId, displayName, keyName } from "../parameters.ts";
import { refuseUnknownScopes, scopesJson } from "../roles/index.ts";
import type { TemplateRow } from "../tables/index.ts";
import type { Shape, ShapeRole } from "./shape.ts";

export const NO_SUCH_TEMPLATE = toolError(
  "There is no template with this template_id in this environment. list_organization_templates shows those that exist.",
);
export const TEMPLATE_TAKEN = toolError(
  "A template with this name exists already in this environment. list_organization_templates shows those in use.",
);

const role = z.object({
  name: keyName,
  display_name: displayName(),
  scopes: z.array(z.string()).max(100).optional(),
  is_default: z.boolean().optional(),
});
const scope = z.object({ name: keyName, description: z.string().max(500).optional() });

/** The parts of a template as parameters. */
export const parts = {
  roles: z.array(role).max(20).describe("Roles of each organization."),
  scopes: z.array(scope).max(50).describe("Scopes of each organization."),
  features: z.array(keyName).max(50).describe("Features that are on."),
  connection_ids: z.array(connectionId).max(20).describe("Connections of the environment."),
};

type Parts = { readonly [P in keyof typeof parts]?: z.output<(typeof parts)[P]> | undefined };

export const templateSummary = z.object({
  template_id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  version: z.number(),
});

export function summarizeTemplate({ id, name, description, version }: TemplateRow) {
  return { template_id: id, name, description, version };
}

export function shapeOf({ definition }: Pick<TemplateRow, "definition">): Shape {
  return JSON.parse(definition) as Shape;
}

/** The definition with the given parts in the place of those that it had. */
export function withParts(shape: Shape, { roles, scopes, features: switched, connection_ids }: Parts): Shape {
  return {
    roles: roles?.map(toRole) ?? shape.roles,
    scopes: scopes?.map(({ name, description = null }) => ({ name, description })) ?? shape.scopes,
    features: switched === undefined ? shape.features : Object.fromEntries(switched.map((name) => [name, true])),
    connection_ids: connection_ids === undefined ? shape.connection_ids : [...new Set(connection_ids)],
  };
}

function toRole({ name, display_name, scopes = [], is_default = false }: z.output<typeof role>): ShapeRole {
  return { name, display_name, scopes: JSON.parse(scopesJson(scopes)) as string[], is_default };
}

/** What is wrong with a definition for an environment; undefined when nothing is. */
export async function refuseShape(db: Db, environmentId: string, shape: Shape): Promise<Refused | undefined> {
  for (const part of ["roles", "scopes"] as const) {
    const names = shape[part].map(({ name }) => name);
    if (new Set(names).size < names.length) return toolError(`Each of ${part} needs a name of its own.`);
  }
  if (shape.roles.filter(({ is_default }) => is_default).length > 1) return toolError("At most one role can be the default.");
  const own = new Set(shape.scopes.map(({ name }) => name));
  const others = [...new Set(shape.roles.flatMap(({ scopes }) => scopes))].filter((name) => !own.has(name));
  const unknown = await refuseUnknownScopes(db, [environmentId], others);
  if (unknown !== undefined || shape.connection_ids.length === 0) return unknown;
  const found = await db
    .selectFrom("connection")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "in", shape.connection_ids)
    .execute();
  return found.length === shape.connection_ids.length
    ? undefined
    : toolError("One of connection_ids is not a connection of this environment. list_environment_connections shows those that exist.");
}

/** The template in an environment that the caller may see, or what to tell. */
export async function requireTemplate(
  context: Context,
  ids: { readonly environment_id: string; readonly template_id: string },
): Promise<TemplateRow | Refused> {
  const refused = await refuseEnvironment(context, ids.environment_id);
  if (refused !== undefined) return refused;
  return (await findTemplate(context.db, ids.environment_id, ids.template_id)) ?? NO_SUCH_TEMPLATE;
}

export async function findTemplate(db: Db, environmentId: string, id: string): Promise<TemplateRow | undefined> {
  return db
    .selectFrom("organization_template")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}
