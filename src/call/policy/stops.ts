import type { StandingKill, Store } from "../../store/index.ts";
import type { Policy, Stops } from "./policy.ts";

/** What the kill switch makes of the policy of a workspace before any rule speaks. */
export type Stopped = Pick<Policy, "stamp" | "stops" | "environments">;

/** What is stopped now, by workspace; the same `stamp` says the same. */
export async function readStops(
  store: Pick<Store, "db" | "kills">,
): Promise<{ readonly stopped: ReadonlyMap<string, Stopped>; readonly stamp: string }> {
  const kills = await store.kills.standing();
  const stopped = new Map<string, Stopped>();
  for (const [workspaceId, its] of Map.groupBy(kills, ({ workspace_id }) => workspace_id ?? "")) {
    stopped.set(workspaceId, await stoppedIn(store.db, workspaceId, its));
  }
  return { stopped, stamp: [...stopped].map(([workspaceId, { stamp }]) => `${workspaceId} ${stamp}`).join("\n") };
}

async function stoppedIn(db: Store["db"], workspaceId: string, kills: readonly StandingKill[]): Promise<Stopped> {
  const of = (kind: StandingKill["kind"]) => new Map(kills.filter((kill) => kill.kind === kind).map(({ id, value }) => [value, id]));
  const stops: Stops = { workspace: of("workspace").get(workspaceId), tools: of("tool"), environments: of("environment") };
  const ids = kills.map(({ id }) => id).join(" ");
  if (stops.environments.size === 0) return { stamp: ids, stops, environments: undefined };
  // Of the environments that there are; one that is made meanwhile is seen once this is read again.
  const rows = await db.selectFrom("environment").select("id").where("workspace_id", "=", workspaceId).orderBy("id").execute();
  const environments = rows.map(({ id }) => id).filter((id) => !stops.environments.has(id));
  return { stamp: `${ids} ${environments.join(" ")}`, stops, environments };
}
