import type { ServerResponse } from "node:http";
import type { Cancellation } from "../call/index.ts";

/** A call is cancelled when its client goes away before it has the whole answer (MCP 2026-07-28 transports). */
export function createCancellation(res: ServerResponse): Cancellation {
  const cancellation = Object.create(CANCELLATION) as Cancellation & { res: ServerResponse; listener: (() => void) | undefined };
  cancellation.res = res;
  cancellation.listener = undefined;
  return cancellation;
}

interface Watched {
  readonly res: ServerResponse;
  listener: (() => void) | undefined;
}

// One set of accessors for all requests; most never listen, so nothing is attached before somebody does.
const CANCELLATION: Cancellation & ThisType<Watched> = {
  get isCancelled() {
    return this.res.destroyed && !this.res.writableFinished;
  },
  get onCancel() {
    return this.listener;
  },
  set onCancel(listener) {
    if (this.listener === undefined && listener !== undefined) {
      this.res.once("close", () => {
        if (!this.res.writableFinished) this.listener?.();
      });
    }
    this.listener = listener;
  },
};
