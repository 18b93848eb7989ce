import type { Store } from "../../store/index.ts";
import type { Registry, Unused, UnusedQuery } from "../../tool/index.ts";
import { addRow, type Group } from "./groups.ts";
import { rangesOf } from "./time-ranges.ts";
import { readRows, type UsageReader, type UsageScope } from "./usage-query.ts";

export interface UnusedReader extends UsageReader {
  readonly registry: Pick<Registry, "tools" | "scopes">;
  /** Where grants are. */
  readonly db: Store["db"];
}

const DEFAULT_MS = 30 * 86_400_000;

/** What is declared, or granted to an agent, and no call used that was let through. */
export async function findUnused(reader: UnusedReader, scope: UsageScope, { agent, since: asked }: UnusedQuery): Promise<Unused> {
  const { store, registry, now } = reader;
  const at = now();
  const times = rangesOf({ since: asked ?? at - DEFAULT_MS, until: at }, at);
  const groups = new Map<string, Group>();
  const within = { ...scope, cut: agent === undefined ? "tool" : "of_agent", of: agent } as const;
  for (const row of await readRows(store, within, times)) addRow(groups, row, { by: "tool", filter: {} });
  const may = agent === undefined ? new Set(registry.scopes.names) : await grantedTo(reader, scope, agent);
  const open = [...registry.tools.values()].map(({ tool }) => tool).filter(({ scopes }) => scopes.every((needed) => may.has(needed)));
  const used = open.filter(({ name }) => wasLetThrough(groups.get(name)));
  const needed = new Set(used.flatMap(({ scopes }) => scopes));
  return {
    since: times.since,
    until: times.until,
    countedFrom: (await store.firstAt()) ?? null,
    tools: open.filter((tool) => !used.includes(tool)).map(({ name }) => name),
    scopes: registry.scopes.names.filter((name) => may.has(name) && !needed.has(name)),
  };
}

function wasLetThrough(group: Group | undefined): boolean {
  return group !== undefined && group.passed.calls + group.failed.calls > 0;
}

/** Everything that the live grants of an agent hold, included scopes too. */
async function grantedTo({ registry, db, now }: UnusedReader, { workspaceId }: UsageScope, agent: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("access_grant")
    .select("scopes")
    .where("workspace_id", "=", workspaceId)
    .where("client_id", "=", agent)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now())]))
    .execute();
  return registry.scopes.parse(rows.map(({ scopes }) => scopes).join(" ")).held;
}
