import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import type { EvidenceProblems, Registry, Unused, UnusedQuery, UsageFound, UsageQuery } from "../../tool/index.ts";
import { createFollower, type FollowerOptions } from "../follow/index.ts";
import { createUsageCounter } from "./counter.ts";
import { findUnused } from "./unused.ts";
import { queryUsage, type UsageScope } from "./usage-query.ts";

/** How much is called and how it goes. What is asked for is up to date with the ledger of this process. */
export interface Usage {
  query(scope: UsageScope, query: UsageQuery): Promise<UsageFound | EvidenceProblems>;
  unused(scope: UsageScope, query: UnusedQuery): Promise<Unused>;
  close(): Promise<void>;
}

export interface UsageDeps extends Pick<FollowerOptions, "ledger" | "records"> {
  readonly store: Pick<Store, "usage" | "db">;
  /** Name of the ledger's chain. */
  readonly chain: string;
  readonly registry: Pick<Registry, "tools" | "scopes">;
  readonly log: Pick<Log, "error">;
  readonly now: Clock;
}

/** The usage of a server: counted from its ledger as it grows, and from what was on record before. */
export async function openUsage(deps: UsageDeps): Promise<Usage> {
  const { store, now, log } = deps;
  const counter = createUsageCounter({ ...deps, store: store.usage });
  const { through, take } = counter;
  const follower = await createFollower({ ...deps, name: "usage", through, take });
  const reader = { ...deps, store: store.usage, db: store.db, now };

  async function catchUp(): Promise<void> {
    await follower.settled();
    await counter.flush();
  }

  return {
    async query(scope, query) {
      await catchUp();
      return queryUsage(reader, scope, query);
    },
    async unused(scope, query) {
      await catchUp();
      return findUnused(reader, scope, query);
    },
    async close() {
      await follower.close();
      // Nothing is lost then: the records are counted again.
      await counter.close().catch((err: unknown) => log.error({ err }, "what was counted of usage last could not be stored"));
    },
  };
}
