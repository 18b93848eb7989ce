import * as z from "zod";
import { defineTool, isUniqueViolation } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT } from "../access.ts";
import { displayName, environmentId, environmentKind, expectedVersion, slug } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { changedMeanwhile, given, NOTHING_SENT, refuseStale } from "../versions.ts";
import { SLUG_TAKEN } from "./create-environment.ts";

export const updateEnvironment = defineTool({
  name: "update_environment",
  title: "Update environment",
  description: "Changes the name, slug or kind of an environment.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  input: z.object({
    environment_id: environmentId,
    name: displayName().optional(),
    slug: slug.optional(),
    kind: environmentKind.optional(),
    expected_version: expectedVersion,
  }),
  output: z.object({ version: z.number() }),
  examples: [
    {
      title: "Another name",
      input: { environment_id: SAMPLE.environmentId, name: "Live", expected_version: 1 },
      output: { version: 2 },
    },
  ],
  async run({ environment_id, expected_version, ...wanted }, context) {
    const row = await findEnvironment(context, environment_id);
    if (row === undefined) return NO_SUCH_ENVIRONMENT;
    const changes = given(wanted);
    if (Object.keys(changes).length === 0) return NOTHING_SENT;
    const stale = refuseStale({ version: row.version, values: { ...row } }, expected_version, changes);
    if (stale !== undefined) return stale;
    try {
      const written = await context.db
        .updateTable("environment")
        .set({ ...changes, version: row.version + 1 })
        .where("id", "=", environment_id)
        .where("version", "=", row.version)
        .where("deleted_at", "is", null)
        .returning("version")
        .executeTakeFirst();
      if (written !== undefined) return written;
    } catch (error) {
      if (isUniqueViolation(error)) return SLUG_TAKEN;
      throw error;
    }
    const now = await findEnvironment(context, environment_id);
    return now === undefined ? NO_SUCH_ENVIRONMENT : changedMeanwhile({ version: now.version, values: { ...now } }, changes);
  },
});
