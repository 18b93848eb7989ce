import type { Cancellation } from "../call.ts";

/** Why a run of a task was ended. `lost`: the task is cancelled, expired, or run by another process by now. */
export type Cause = "cancelled" | "revoked" | "lost" | "stopping";

/** Ends the run of a task. Only the first cause counts. */
export interface TaskCancellation extends Cancellation {
  readonly cause: Cause | undefined;
  cancel(cause: Cause): void;
  /** From now on the client that sent the request may go away. */
  detach(): void;
}

/** `client` is the cancellation of the request that a task may come of: as long as it is not answered, its end is the end of the run. */
export function createTaskCancellation(client?: Cancellation): TaskCancellation {
  let cause: Cause | undefined;
  const cancellation: TaskCancellation = {
    onCancel: undefined,
    get isCancelled() {
      return cause !== undefined;
    },
    get cause() {
      return cause;
    },
    cancel(why) {
      if (cause !== undefined) return;
      cause = why;
      cancellation.onCancel?.();
    },
    detach() {
      if (client !== undefined) client.onCancel = undefined;
    },
  };
  if (client === undefined) return cancellation;
  if (client.isCancelled) cancellation.cancel("cancelled");
  else client.onCancel = () => cancellation.cancel("cancelled");
  return cancellation;
}
