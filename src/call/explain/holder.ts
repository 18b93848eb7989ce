import { narrowByAll, readStandings } from "../../oauth/index.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import type { ScopeSet } from "../../tool/index.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";

/** What a grant holds now, as a token of it would. */
export interface Holder {
  readonly grant: string;
  readonly agent: string;
  readonly workspaceId: string;
  readonly scopes: ScopeSet;
  readonly environments: readonly string[] | undefined;
  readonly isLive: boolean;
}

/** What the grants hold now; those that do not exist are left out. */
export async function readHolders(deps: ExplainDeps, grantIds: readonly string[]): Promise<readonly Holder[]> {
  const { registry, store, selfRegisteredScopes, now } = deps;
  const standings = await readStandings({ db: store.db, scopes: registry.scopes, selfRegisteredScopes }, grantIds);
  return grantIds.flatMap((grant) => {
    const standing = standings.get(grant);
    if (standing === undefined) return [];
    const { clientId: agent, workspaceId, limits, environments, expiresAt } = standing;
    const [own = "", ...others] = limits;
    const scopes = narrowByAll(registry.scopes, own, others);
    return [{ grant, agent, workspaceId, scopes, environments, isLive: standing.isLive && expiresAt > now() }];
  });
}

/** The grant that is named, else the newest live one of the agent, else its newest. */
export async function findHolder(
  deps: ExplainDeps,
  { agent, grant, workspaceId }: { readonly agent: string; readonly grant?: string | undefined; readonly workspaceId: string },
): Promise<Holder | Problems> {
  const rows = await deps.store.db
    .selectFrom("access_grant")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .where("client_id", "=", agent)
    .$if(grant !== undefined, (query) => query.where("id", "=", grant ?? ""))
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(100)
    .execute();
  const holders = await readHolders(
    deps,
    rows.map(({ id }) => id),
  );
  const which = grant === undefined ? "grant" : `grant ${JSON.stringify(grant)}`;
  const none = `the agent ${JSON.stringify(agent)} has no ${which} in this workspace; name scopes to see what they would allow`;
  return holders.find(({ isLive }) => isLive) ?? holders[0] ?? problem(none);
}

/** Scopes as they were asked for, or what is wrong with them. */
export function parseScopes({ registry }: Pick<ExplainDeps, "registry">, scopes: string): ScopeSet | Problems {
  const problems = scopes
    .split(" ")
    .filter((scope) => scope !== "" && !registry.scopes.names.includes(scope))
    .map((scope) => {
      const meant = didYouMean(scope, registry.scopes.names);
      const hint = meant === undefined ? `use some of ${registry.scopes.names.join(", ")}` : `did you mean ${meant}?`;
      return `this server has no scope ${JSON.stringify(scope.slice(0, 64))}; ${hint}`;
    });
  return problems.length > 0 ? { problems } : registry.scopes.parse(scopes);
}
