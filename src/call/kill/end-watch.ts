import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import type { Call } from "../call.ts";
import type { Policies } from "../policy/index.ts";
import type { Deadlines, Roster } from "../running/index.ts";
import { isEndedBy, isStopped } from "./is-ended.ts";

/** Ends calls that are running when what they stand on is revoked or stopped, in whatever process that was said. */
export interface EndWatch {
  /** Looks now; resolves when those that must end were told to. */
  look(): Promise<void>;
  /** Waits until the calls that are under way now, are allowed and are meant are on record, but not for ever: some tools do not end when told. */
  settle(isMeant: (call: Call) => boolean): Promise<void>;
  close(): void;
}

export interface EndWatchDeps {
  readonly deadlines: Pick<Deadlines, "running" | "endWhere">;
  /** Calls that have no end on record yet. */
  readonly underWay: Roster<Call>;
  readonly policies: Pick<Policies, "of">;
  readonly store: Pick<Store, "revocations">;
  readonly now: Clock;
  readonly log: Log;
}

const LOOK_MS = 250;
const SETTLE_MS = 2000;
const POLL_MS = 5;
/** Revocations may be committed late and by clocks that differ. */
const OVERLAP_MS = 60_000;

export function createEndWatch({ deadlines, underWay, policies, store, now, log }: EndWatchDeps): EndWatch {
  async function look(): Promise<void> {
    if (deadlines.running() === 0) return;
    // Runs of tasks are watched by those who keep their leases.
    const endWhere = (isMeant: (call: Call) => boolean) => deadlines.endWhere((call) => call.request.task === undefined && isMeant(call));
    endWhere((call) => isStopped(policies, call));
    const revoked = await store.revocations.since(now() - OVERLAP_MS);
    if (revoked.length > 0) endWhere(({ request }) => revoked.some((row) => isEndedBy(row, request.principal)));
  }

  async function settle(isMeant: (call: Call) => boolean): Promise<void> {
    const until = performance.now() + SETTLE_MS;
    const meant = underWay.all().filter((call) => call.isAllowed && isMeant(call));
    while (meant.some((call) => underWay.has(call)) && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  const timer = setInterval(
    () => void look().catch((error: unknown) => log.error({ err: error }, "running calls cannot be held to revocations")),
    LOOK_MS,
  ).unref();
  return { look, settle, close: () => clearInterval(timer) };
}
