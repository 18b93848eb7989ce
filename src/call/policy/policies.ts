import type { Log } from "../../lib/log.ts";
import type { PolicyRuleRow, Store } from "../../store/index.ts";
import { compilePolicy } from "./compile-policy.ts";
import { NO_POLICY, type Policy } from "./policy.ts";
import { readStops, type Stopped } from "./stops.ts";

/** The policies in force, in memory. */
export interface Policies {
  /** The policy of an agent in a workspace: the same object until it says something else. */
  of(workspaceId: string, clientId: string): Policy;
  /** Whether the kill switch has stopped a tool, environment or workspace. */
  isStopping(): boolean;
  /** Takes over what the store says now. Runs by itself every 500 ms. */
  refresh(): Promise<void>;
  close(): void;
}

export interface PoliciesDeps {
  readonly store: Pick<Store, "db" | "policies" | "kills">;
  /** Whether destructive calls of which no rule speaks need the approval of a person. */
  readonly asksByDefault: boolean;
  readonly log: Log;
}

const REFRESH_MS = 500;

/** The policies of one workspace. */
interface Compiled {
  /** For agents without rules of their own. */
  readonly common: Policy;
  readonly own: ReadonlyMap<string, Policy>;
}

/** Reads the rules first; rejects when they cannot be read. When they cannot be read later, what was read last stays in force. */
export async function createPolicies({ store, asksByDefault, log }: PoliciesDeps): Promise<Policies> {
  const unruled: Policy = { ...NO_POLICY, asksByDefault };
  let workspaces: ReadonlyMap<string, Compiled> = new Map();
  let revision = -1;
  let stamp = "";
  let refreshing: Promise<void> | undefined;

  async function readNews(): Promise<void> {
    // Read first: rules that are newer than it are read once more.
    const present = await store.policies.revision();
    const { stopped, stamp: presentStamp } = await readStops(store);
    if (present === revision && presentStamp === stamp) return;
    workspaces = compileAll(await store.policies.list(), { unruled, before: workspaces, stopped });
    [revision, stamp] = [present, presentStamp];
  }

  /** Whoever asks while the store is read wants what was written before they asked. */
  async function refresh(): Promise<void> {
    await refreshing?.catch(() => undefined);
    refreshing ??= readNews().finally(() => (refreshing = undefined));
    return refreshing;
  }

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => log.error({ err: error }, "policies cannot be read; those read last stay in force")),
    REFRESH_MS,
  ).unref();

  return {
    of(workspaceId, clientId) {
      const compiled = workspaces.get(workspaceId);
      return compiled === undefined ? unruled : (compiled.own.get(clientId) ?? compiled.common);
    },
    isStopping: () => stamp !== "",
    refresh,
    close: () => clearInterval(timer),
  };
}

interface Before {
  readonly unruled: Policy;
  readonly before: ReadonlyMap<string, Compiled>;
  readonly stopped: ReadonlyMap<string, Stopped>;
}

function compileAll(rules: readonly PolicyRuleRow[], { unruled, before, stopped }: Before): ReadonlyMap<string, Compiled> {
  const compiled = new Map<string, Compiled>();
  const grouped = Map.groupBy(rules, ({ workspace_id }) => workspace_id);
  for (const workspaceId of new Set([...grouped.keys(), ...stopped.keys()])) {
    const its = grouped.get(workspaceId) ?? [];
    const stop = stopped.get(workspaceId);
    const base: Policy = stop === undefined ? unruled : { ...unruled, ...stop };
    const known = before.get(workspaceId);
    const common = its.filter(({ client_id }) => client_id === null);
    const own = new Map<string, Policy>();
    for (const [clientId, mine] of Map.groupBy(its, ({ client_id }) => client_id)) {
      if (clientId !== null) own.set(clientId, kept(known?.own.get(clientId), compilePolicy([...common, ...mine], base)));
    }
    compiled.set(workspaceId, { common: kept(known?.common, common.length === 0 ? base : compilePolicy(common, base)), own });
  }
  return compiled;
}

/** An id stands for one rule that never changes, so policies of the same rules say the same. */
function kept(before: Policy | undefined, now: Policy): Policy {
  return before?.stamp === now.stamp ? before : now;
}
