import * as z from "zod";
import type { ToolTables } from "../../index.ts";

type EnvironmentRow = ToolTables["environment"];

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
