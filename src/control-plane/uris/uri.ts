import { toolError } from "../../index.ts";
import { type Context, type Refused, refuseEnvironment } from "../access.ts";
import { newId } from "../new-id.ts";
import { environmentId, httpUrl } from "../parameters.ts";
import { planOf } from "../plans.ts";
import type { UriRow } from "../tables/index.ts";

const MAX_URIS = 100;
const TOO_MANY = toolError(`An environment has at most ${MAX_URIS} URIs of a kind. Remove one that is not used.`);

const NO_SUCH_URI = toolError("This environment has no such URI. list_redirect_uris shows all that it has, as they must be written.");

export const uriParameters = { environment_id: environmentId, uri: httpUrl() };

interface Place {
  readonly environment_id: string;
  readonly kind: UriRow["kind"];
}

async function urisOf(db: Context["db"], { environment_id, kind }: Place): Promise<string[]> {
  const rows = await db
    .selectFrom("environment_uri")
    .select("uri")
    .where("environment_id", "=", environment_id)
    .where("kind", "=", kind)
    .orderBy("uri")
    .execute();
  return rows.map(({ uri }) => uri);
}

/** Adds a URI, once. */
export async function addUri(context: Context, place: Place, uri: string) {
  const refused = await refuseEnvironment(context, place.environment_id);
  if (refused !== undefined) return refused;
  const { caller, db, now } = context;
  const present = await urisOf(db, place);
  if (present.length >= MAX_URIS && !present.includes(uri)) return TOO_MANY;
  await db
    .insertInto("environment_uri")
    .values({ id: newId("uri"), workspace_id: caller.workspaceId, ...place, uri, created_at: now() })
    .onConflict((conflict) => conflict.columns(["environment_id", "kind", "uri"]).doNothing())
    .execute();
  return "The URI is there.";
}

async function findUri(context: Context, place: Place, uri: string | undefined): Promise<UriRow | Refused> {
  const refused = await refuseEnvironment(context, place.environment_id);
  if (refused !== undefined) return refused;
  let rows = context.db
    .selectFrom("environment_uri")
    .selectAll()
    .where("environment_id", "=", place.environment_id)
    .where("kind", "=", place.kind);
  if (uri !== undefined) rows = rows.where("uri", "=", uri);
  return (await rows.executeTakeFirst()) ?? NO_SUCH_URI;
}

/** What the removal of a URI (of the only one, when none is given) would change. */
export async function planRemoval(context: Context, place: Place, uri?: string) {
  const row = await findUri(context, place, uri);
  if (!("id" in row)) return row;
  const change = { change: "delete", resource: `${row.kind} URI ${row.id}`, before: { uri: row.uri } } as const;
  // Rows of URIs never change; one that was removed and added again has another id.
  return planOf(`Removes ${row.uri}; sign-ins that need it fail from then on.`, [change], { versions: { [row.id]: 1 } });
}

/** Removes a URI; answers the row that was removed. */
export async function removeUri(context: Context, place: Place, uri?: string) {
  const row = await findUri(context, place, uri);
  if (!("id" in row)) return { refused: row };
  const { numDeletedRows } = await context.db.deleteFrom("environment_uri").where("id", "=", row.id).executeTakeFirstOrThrow();
  return numDeletedRows === 0n ? { refused: NO_SUCH_URI } : { removed: row };
}

/** Puts back a row that was removed. */
export async function restoreUri(data: unknown, { db }: Pick<Context, "db">) {
  const row = data as UriRow;
  const restored = await db
    .insertInto("environment_uri")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return restored === undefined ? toolError("There is one in its place by now, so it was not put back.") : `${row.uri} is back.`;
}
