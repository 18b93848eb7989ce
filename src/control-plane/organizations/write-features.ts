import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import type { OrganizationRow } from "../tables/index.ts";
import { featuresOf } from "./organization.ts";

const MAX_FEATURES = 200;
const TOO_MANY = toolError(`An organization has at most ${MAX_FEATURES} features.`);

/** Turns features on or off; undefined when the organization is no longer as given. */
export async function writeFeatures(db: Db, row: OrganizationRow, changes: Readonly<Record<string, boolean>>) {
  const next = { ...featuresOf(row), ...changes };
  if (Object.keys(next).length > MAX_FEATURES) return TOO_MANY;
  const written = await db
    .updateTable("organization")
    .set({ features: JSON.stringify(next), version: row.version + 1 })
    .where("id", "=", row.id)
    .where("version", "=", row.version)
    .where("deleted_at", "is", null)
    .returning("version")
    .executeTakeFirst();
  return written === undefined ? undefined : { features: next, version: written.version };
}
