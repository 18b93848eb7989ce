import type { Refusal } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Store } from "../../store/index.ts";
import type { Registry } from "../../tool/index.ts";
import type { Answer, Call, CallRequest, Ended } from "../call.ts";
import type { Policies } from "../policy/index.ts";
import type { Decided } from "../record.ts";
import type { Input } from "../validate.ts";
import type { Challenges } from "../../oauth/index.ts";

/** What tasks stand on, the steps of the data path included. */
export interface TaskDeps {
  readonly store: Pick<Store, "tasks" | "revocations">;
  readonly registry: Registry;
  readonly challenges: Challenges;
  readonly log: Log;
  readonly now: Clock;
  /** Name of this process among those that share a database. */
  readonly nodeId: string;
  /** Encrypts at rest what a task was given and what it answered. */
  readonly taskKey: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly policies: Pick<Policies, "of">;
  isWritable(): boolean;
  begin(request: CallRequest, decided: Decided): Call;
  intend(call: Call): Promise<void>;
  /** The answer once its record is durable. Never rejects. */
  finish(call: Call, ended: Ended): Promise<Answer | Refusal>;
  /** Runs the tool with its deadline, cancellation and checks. */
  run(call: Call, input: Input): Ended | Promise<Ended>;
}
