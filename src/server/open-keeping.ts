import {
  createAnchor,
  createSigner,
  openConnections,
  openCheckpoints,
  openFeed,
  openRetention,
  parseFeedTarget,
  type Ledger,
} from "../audit/index.ts";
import type { Config } from "../config.ts";
import { BootError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { GuardedFetch } from "../lib/guarded-fetch.ts";
import type { Log } from "../lib/log.ts";
import type { LedgerStore, Store } from "../store/index.ts";

export interface KeepingDeps {
  readonly store: Pick<Store, "feeds" | "connections">;
  readonly ledger: Ledger;
  readonly records: LedgerStore;
  readonly log: Log;
  readonly now: Clock;
  /** The public origin. */
  readonly url: string;
  /** The key of a purpose. */
  readonly key: (purpose: string) => Uint8Array;
  readonly config: Pick<Config, "ledger" | "nodeId">;
  readonly post: GuardedFetch;
  /** Certificate authorities (PEM) beside the system's. */
  readonly ca: string | undefined;
}

/** What is done with records once they are written: they are signed, anchored, passed on, and pruned when their time is over; and what is kept beside them. */
export async function openKeeping({ store, config, url, key, post, ca, ...deps }: KeepingDeps, closing: AsyncDisposableStack) {
  const { anchor, siem, siemToken, retentionDays } = config.ledger;
  if (siem !== undefined && parseFeedTarget(siem) === undefined) {
    throw new BootError([
      "REMIT_SIEM: write syslog+tls://HOST:PORT, syslog+tcp://HOST:PORT, or the URL of an OTLP/HTTP logs endpoint such as https://HOST/v1/logs",
    ]);
  }
  const keep = anchor === undefined ? undefined : createAnchor({ to: anchor, post, log: deps.log });
  const anchored = keep === undefined ? {} : { onSigned: (note: string) => void keep(note) };
  const signer = createSigner(`remit/ledger/${config.nodeId}`, key("ledger-checkpoint"));
  const checkpoints = closing.adopt(await openCheckpoints({ ...deps, ...anchored, signer }), (opened) => opened.close());
  const retention = closing.adopt(await openRetention({ ...deps, checkpoints, days: retentionDays }), (opened) => opened.close());
  if (siem !== undefined) {
    const feeding = { ...deps, store: store.feeds, chain: config.nodeId, to: siem, token: siemToken, ca, post };
    closing.adopt(await openFeed(feeding), (opened) => opened.close());
  }
  const watching = { ...deps, store: store.connections, url, key: key("connections") };
  const connections = closing.adopt(openConnections(watching), (opened) => opened.close());
  return { checkpoints, retention, connections };
}
