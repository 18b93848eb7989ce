import type { Approvals } from "../../approvals/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import type { Registry } from "../../tool/index.ts";
import type { Call, CallRequest, Ended } from "../call.ts";
import type { Decided } from "../record.ts";
import type { Runner } from "../run.ts";
import type { Input } from "../validate.ts";

/** What calls that change something stand on, beside what every call does. */
export interface ChangeDeps {
  readonly store: Pick<Store, "changeEntries">;
  readonly approvals: Pick<Approvals, "admit" | "use">;
  readonly registry: Registry;
  readonly runner: Runner;
  /** Encrypts answers and what it takes to undo at rest. */
  readonly changeKey: Uint8Array;
  readonly now: Clock;
  readonly log: Log;
  /** Name of this process among those that share a database. */
  readonly nodeId: string;
  /** A call of a request that was decided; nothing is written. */
  begin(request: CallRequest, decided: Decided): Call;
  /** Puts the intent on record. */
  intend(call: Call): Promise<void>;
  /** Acts unless a limit of the policy is met. */
  withinLimits(call: Call, input: Input, act: () => Ended | Promise<Ended>): Promise<Ended>;
  run(call: Call, input: Input): Ended | Promise<Ended>;
}
