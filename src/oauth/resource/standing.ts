import type { ClientRow, Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import type { Standing } from "./token-cache.ts";

/** What the rows say now about a grant, its client, the person it acts for, and the grants that it was narrowed from. */
export interface GrantStanding extends Standing {
  readonly clientId: string;
  readonly subject: string;
  readonly workspaceId: string;
  /** How its client is told that it needs another scope. */
  readonly challenge: ClientRow["challenge"];
  /** Nothing is held that one of these does not hold; each is space-separated. */
  readonly limits: readonly string[];
  /** Ids of the environments that it is limited to; undefined for all. */
  readonly environments: readonly string[] | undefined;
  /** Epoch milliseconds; Infinity when it does not expire. */
  readonly expiresAt: number;
  /** Epoch milliseconds: tokens issued until then are dead, since a kill of the workspace was lifted then; 0 for none. */
  readonly issuedAfter: number;
  /** Nothing that it stands on is revoked, disabled or gone. */
  readonly isLive: boolean;
}

export interface StandingDeps {
  readonly db: Store["db"];
  readonly scopes: ScopeCatalogue;
  /** What clients that no operator made may be granted, space-separated; undefined for all. */
  readonly selfRegisteredScopes: string | undefined;
}

const MAX_IDS_A_QUERY = 500;
/** Grants narrowed from each other in a longer row are not live. */
const MAX_DEPTH = 8;

/** The standings of those grants that exist and whose client does. One query for 500 grants, and one more for what they were narrowed from. */
export async function readStandings(deps: StandingDeps, grantIds: readonly string[]): Promise<ReadonlyMap<string, GrantStanding>> {
  const rows = await readWithParents(deps.db, grantIds);
  const standings = new Map<string, GrantStanding>();
  for (const id of grantIds) {
    const standing = judge(deps, rows, { id, depth: 0 });
    if (standing !== undefined) standings.set(id, standing);
  }
  return standings;
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

async function readWithParents(db: Store["db"], grantIds: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  let wanted = grantIds;
  for (let depth = 0; wanted.length > 0 && depth <= MAX_DEPTH; depth++) {
    const parents = new Set<string>();
    for (let i = 0; i < wanted.length; i += MAX_IDS_A_QUERY) {
      for (const row of await readRows(db, wanted.slice(i, i + MAX_IDS_A_QUERY))) {
        rows.set(row.id, row);
        if (row.parent_id !== null) parents.add(row.parent_id);
      }
    }
    wanted = [...parents].filter((id) => !rows.has(id));
  }
  return rows;
}

function readRows(db: Store["db"], ids: readonly string[]) {
  return db
    .selectFrom("access_grant as g")
    .innerJoin("client as c", "c.id", "g.client_id")
    .leftJoin("workspace as w", "w.id", "g.workspace_id")
    .leftJoin("account as a", "a.id", "g.subject")
    .leftJoin("member as m", (join) => join.onRef("m.account_id", "=", "g.subject").onRef("m.workspace_id", "=", "g.workspace_id"))
    .where("g.id", "in", ids)
    .select(["g.id", "g.kind", "g.client_id", "g.subject", "g.workspace_id", "g.scopes", "g.parent_id", "g.environments"])
    .select(["g.expires_at", "g.revoked_at", "c.challenge", "c.scopes as policy", "c.workspace_id as client_workspace", "c.disabled_at"])
    .select(["a.id as account_id", "a.disabled_at as account_disabled_at", "m.role", "w.stopped_at"])
    .select(({ selectFrom }) =>
      selectFrom("kill as k")
        .whereRef("k.value", "=", "g.workspace_id")
        .where("k.kind", "=", "workspace")
        .select(({ fn }) => fn.max<number | string | null>("k.lifted_at").as("lifted_at"))
        .as("lifted_at"),
    )
    .execute();
}

/** The grant by itself, and no more than what it was narrowed from. */
function judge(
  deps: StandingDeps,
  rows: ReadonlyMap<string, Row>,
  at: { readonly id: string; readonly depth: number },
): GrantStanding | undefined {
  const row = rows.get(at.id);
  if (row === undefined || at.depth > MAX_DEPTH) return undefined;
  const parent = row.parent_id === null ? undefined : judge(deps, rows, { id: row.parent_id, depth: at.depth + 1 });
  const isLive =
    row.revoked_at === null &&
    row.disabled_at === null &&
    (row.stopped_at ?? null) === null &&
    (row.client_workspace === null || row.client_workspace === row.workspace_id) &&
    (!isForPerson(row) || (row.account_id !== null && row.account_disabled_at === null && row.role !== null)) &&
    (row.parent_id === null || (parent?.isLive === true && parent.workspaceId === row.workspace_id));
  const limits = [row.scopes, row.policy ?? deps.selfRegisteredScopes, roleCeiling(deps.scopes, row), ...(parent?.limits ?? [])];
  const standing = {
    key: row.id,
    clientId: row.client_id,
    subject: row.subject,
    workspaceId: row.workspace_id,
    challenge: row.challenge,
    limits: limits.filter((limit) => limit !== undefined),
    environments: narrowEnvironments(parseEnvironments(row.environments), parent?.environments),
    expiresAt: Math.min(row.expires_at ?? Number.POSITIVE_INFINITY, parent?.expiresAt ?? Number.POSITIVE_INFINITY),
    issuedAfter: Number(row.lifted_at ?? 0),
    isLive,
  };
  return { ...standing, stamp: stampOf(standing) };
}

/** All that can change, in one text. No part can hold a line break. */
function stampOf(standing: Omit<GrantStanding, "stamp">): string {
  const { isLive, issuedAfter, expiresAt, clientId, subject, workspaceId, challenge, environments, limits } = standing;
  const places = environments === undefined ? "all" : JSON.stringify(environments);
  return [isLive, issuedAfter, expiresAt, clientId, subject, workspaceId, challenge, places, ...limits].join("\n");
}

/** An account that was deleted must not turn a person's grant into one for nobody, so the kind decides too. */
function isForPerson({ kind, account_id }: Row): boolean {
  return kind === "person" || kind === "enterprise" || account_id !== null;
}

function roleCeiling(scopes: ScopeCatalogue, row: Row): string | undefined {
  if (!isForPerson(row)) return undefined;
  return row.role === null ? "" : scopes.forRole(row.role);
}

function parseEnvironments(json: string | null): readonly string[] | undefined {
  return json === null ? undefined : (JSON.parse(json) as string[]);
}

function narrowEnvironments(own: readonly string[] | undefined, parent: readonly string[] | undefined): readonly string[] | undefined {
  if (own === undefined || parent === undefined) return own ?? parent;
  return own.filter((id) => parent.includes(id));
}
