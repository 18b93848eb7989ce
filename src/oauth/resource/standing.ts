import type { Store } from "../../store/index.ts";

/** What the rows say now about a grant and its client. */
export interface Standing {
  readonly grantId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly workspaceId: string;
  /** Scopes that the client may be granted at most, space-separated. */
  readonly policy: string;
  /** Epoch milliseconds; Infinity when the grant does not expire. */
  readonly expiresAt: number;
  /** Neither the grant is revoked nor the client disabled. */
  readonly isLive: boolean;
}

const MAX_IDS_A_QUERY = 500;

/** The standings of those grants that exist and whose client does. */
export async function readStandings(db: Store["db"], grantIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (let i = 0; i < grantIds.length; i += MAX_IDS_A_QUERY) {
    const rows = await db
      .selectFrom("access_grant as g")
      .innerJoin("client as c", (join) => join.onRef("c.id", "=", "g.client_id").onRef("c.workspace_id", "=", "g.workspace_id"))
      .where("g.id", "in", grantIds.slice(i, i + MAX_IDS_A_QUERY))
      .select(["g.id", "g.client_id", "g.subject", "g.workspace_id", "g.expires_at", "g.revoked_at", "c.scopes", "c.disabled_at"])
      .execute();
    for (const row of rows) {
      standings.set(row.id, {
        grantId: row.id,
        clientId: row.client_id,
        subject: row.subject,
        workspaceId: row.workspace_id,
        policy: row.scopes,
        expiresAt: row.expires_at ?? Number.POSITIVE_INFINITY,
        isLive: row.revoked_at === null && row.disabled_at === null,
      });
    }
  }
  return standings;
}

export function isSameStanding(a: Standing, b: Standing | undefined): boolean {
  if (b === undefined) return false;
  return (
    a.policy === b.policy &&
    a.isLive === b.isLive &&
    a.expiresAt === b.expiresAt &&
    a.workspaceId === b.workspaceId &&
    a.subject === b.subject
  );
}
