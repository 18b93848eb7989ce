import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Db } from "../access.ts";
import type { ConnectionRow } from "../tables/index.ts";

export const NO_SUCH_CONNECTION = toolError(
  "There is no connection with this connection_id in this environment. list_environment_connections shows those that exist.",
);

export const KINDS = ["oidc", "saml", "social"] as const;
export const PROVIDERS = ["apple", "github", "gitlab", "google", "linkedin", "microsoft", "salesforce"] as const;

export const connectionSummary = z.object({
  connection_id: z.string(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  /** ISO 8601; null when it was never tested. */
  tested_at: z.string().nullable(),
});

export function summarizeConnection({ id, name, kind, is_enabled, tested_at }: ConnectionRow) {
  const tested = tested_at === null ? null : new Date(tested_at).toISOString();
  return { connection_id: id, name, kind, enabled: is_enabled === 1, tested_at: tested };
}

export async function findConnection(db: Db, environmentId: string, connectionId: string): Promise<ConnectionRow | undefined> {
  return db
    .selectFrom("connection")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", connectionId)
    .executeTakeFirst();
}
