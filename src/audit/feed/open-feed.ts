import { createHash } from "node:crypto";
import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import type { FeedStore } from "../../store/index.ts";
import { createFollower, type Follower, type FollowerOptions } from "../follow/index.ts";
import { isPruned } from "../pruned-record.ts";
import { feedRecordOf, type FeedRecord } from "./feed-record.ts";
import { parseFeedTarget } from "./feed-target.ts";
import { createOtlpSender } from "./otlp.ts";
import { createSyslogSender } from "./syslog.ts";

export interface FeedDeps extends Pick<FollowerOptions, "ledger" | "records" | "log"> {
  readonly store: FeedStore;
  readonly chain: string;
  /** See `parseFeedTarget`. */
  readonly to: string;
  /** Bearer token of an OTLP endpoint. */
  readonly token: string | undefined;
  readonly ca: string | undefined;
  readonly post: GuardedFetch;
}

/**
 * Passes every record on, in order and at least once, from the one that follows when it is first switched on for an address. While the other
 * side is away records wait in the ledger, and callers never wait.
 */
export async function openFeed({ store, chain, to, ...deps }: FeedDeps): Promise<Follower> {
  const { ledger, records, log } = deps;
  const target_hash = createHash("sha256").update(to).digest("hex");
  const known = await store.through(chain, target_hash);
  const start = known ?? (await records.head())?.seq ?? 0;
  if (known === undefined) await store.save({ chain, target_hash, through_seq: start });
  const { send, close } = openSender(to, deps);
  const follower = await createFollower({
    name: "feed",
    ledger,
    records,
    log,
    through: async () => (await store.through(chain, target_hash)) ?? start,
    async take(rows) {
      const present = rows.filter(({ body }) => !isPruned(body));
      if (present.length > 0) await send(present.map(feedRecordOf));
      await store.save({ chain, target_hash, through_seq: rows.at(-1)?.seq ?? start });
    },
  });
  return {
    settled: () => follower.settled(),
    async close() {
      await follower.close();
      close();
    },
  };
}

interface Sender {
  send(records: readonly FeedRecord[]): Promise<void>;
  close(): void;
}

function openSender(to: string, { token, ca, post }: Pick<FeedDeps, "token" | "ca" | "post">): Sender {
  const target = parseFeedTarget(to);
  if (target === undefined) throw new Error(`${to} is no address that records can be passed on to`);
  if (target.kind === "syslog") return createSyslogSender({ ...target, ca });
  return { send: createOtlpSender({ url: target.url, token, service: "remit", post }), close: () => undefined };
}
