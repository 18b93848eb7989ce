import type { Ledger } from "../audit/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Challenges } from "../oauth/index.ts";
import type { Store } from "../store/index.ts";
import type { Registry } from "../tool/index.ts";

/** What the data path stands on. */
export interface PathDeps {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly store: Pick<Store, "inWorkspace">;
  readonly challenges: Challenges;
  readonly log: Log;
  readonly now: Clock;
  readonly cursorKey: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
}
