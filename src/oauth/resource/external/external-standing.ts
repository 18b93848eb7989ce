import type { Store } from "../../../store/index.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import type { Standing } from "../token-cache.ts";

/** What our rows say now about a subject of another issuer. */
export interface SubjectStanding extends Standing {
  /** The account that this subject is; undefined when it is none of ours. */
  readonly accountId: string | undefined;
  /** What its role holds at most, space-separated; undefined when it has no account. */
  readonly ceiling: string | undefined;
  /** False when the workspace does not exist, or the account is disabled or not in it. */
  readonly isLive: boolean;
}

/** A subject, and the workspace that it acts in. */
export interface SubjectKey {
  readonly subject: string;
  readonly workspaceId: string;
}

export interface SubjectDeps {
  readonly db: Store["db"];
  readonly scopes: ScopeCatalogue;
  readonly issuer: string;
}

const MAX_SUBJECTS_A_QUERY = 500;

export function writeKey({ subject, workspaceId }: SubjectKey): string {
  return JSON.stringify([subject, workspaceId]);
}

function readKey(key: string): SubjectKey {
  const [subject = "", workspaceId = ""] = JSON.parse(key) as string[];
  return { subject, workspaceId };
}

/** The standing of every key, with one query for 500 of them. */
export async function readSubjectStandings(deps: SubjectDeps, keys: readonly string[]): Promise<ReadonlyMap<string, SubjectStanding>> {
  const workspaces = new Set((await deps.db.selectFrom("workspace").select("id").execute()).map(({ id }) => id));
  const standings = new Map<string, SubjectStanding>();
  for (let i = 0; i < keys.length; i += MAX_SUBJECTS_A_QUERY) {
    const batch = keys.slice(i, i + MAX_SUBJECTS_A_QUERY);
    const rows = await readRows(deps, [...new Set(batch.map((key) => readKey(key).subject))]);
    for (const key of batch) standings.set(key, judge(deps.scopes, { key, isThere: workspaces.has(readKey(key).workspaceId) }, rows));
  }
  return standings;
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

/** A row for each subject that is an account, and for each workspace that this account is in. */
function readRows({ db, issuer }: SubjectDeps, subjects: readonly string[]) {
  return db
    .selectFrom("identity as i")
    .innerJoin("account as a", "a.id", "i.account_id")
    .leftJoin("member as m", "m.account_id", "i.account_id")
    .where("i.issuer", "=", issuer)
    .where("i.subject", "in", subjects)
    .select(["i.subject", "i.account_id", "a.disabled_at", "m.workspace_id", "m.role"])
    .execute();
}

function judge(
  scopes: ScopeCatalogue,
  { key, isThere }: { readonly key: string; readonly isThere: boolean },
  rows: readonly Row[],
): SubjectStanding {
  const { subject, workspaceId } = readKey(key);
  const account = rows.find((row) => row.subject === subject);
  const role = rows.find((row) => row.subject === subject && row.workspace_id === workspaceId)?.role ?? undefined;
  const standing = {
    key,
    accountId: account?.account_id,
    ceiling: account === undefined ? undefined : role === undefined ? "" : scopes.forRole(role),
    isLive: isThere && (account === undefined || (account.disabled_at === null && role !== undefined)),
  };
  return { ...standing, stamp: JSON.stringify(standing) };
}

/** The only workspace, else the one that the token names; undefined when that leaves none. */
export async function chooseWorkspace(db: Store["db"], named: string | undefined): Promise<string | undefined> {
  const [first, second] = await db.selectFrom("workspace").select("id").orderBy("id").limit(2).execute();
  return second === undefined ? first?.id : named;
}
