import type { Call, Cancellation } from "../call.ts";
import { createRoster, NO_SEAT, type Seated } from "./roster.ts";

/** Ends running calls at their deadline. One timer serves all of them, so a call costs no timer of its own. */
export interface Deadlines {
  race<V>(value: Promise<V>, bounds: Bounds): Promise<Raced<V>>;
  /** How many calls are running. */
  running(): number;
  /** Ends those that are meant as if their callers had cancelled them. */
  endWhere(isMeant: (call: Call) => boolean): void;
  close(): void;
}

/** What may end a call before its code does. */
export interface Bounds {
  readonly call: Call;
  readonly timeoutMs: number;
  readonly cancelled: Cancellation;
  /** Told when one of them does. */
  abort(how: "timeout" | "cancelled"): void;
}

export type Raced<V> = { readonly value: V } | { readonly end: "timeout" | "cancelled" };

const TICK_MS = 100;

interface Entry extends Seated {
  readonly call: Call;
  readonly deadlineMs: number;
  end(how: "timeout" | "cancelled"): void;
}

export function createDeadlines(): Deadlines {
  const entries = createRoster<Entry>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const entry of entries.all()) if (entry.deadlineMs <= now) entry.end("timeout");
  }, TICK_MS).unref();

  return {
    race(value, { call, timeoutMs, cancelled, abort }) {
      return new Promise((resolve, reject) => {
        const entry: Entry = {
          seat: NO_SEAT,
          call,
          deadlineMs: performance.now() + timeoutMs,
          end(how) {
            entries.delete(entry);
            cancelled.onCancel = undefined;
            abort(how);
            resolve({ end: how });
          },
        };
        entries.add(entry);
        cancelled.onCancel = () => entry.end("cancelled");
        if (cancelled.isCancelled) entry.end("cancelled");
        value.then(
          (result) => {
            entries.delete(entry);
            cancelled.onCancel = undefined;
            resolve({ value: result });
          },
          (error: unknown) => {
            entries.delete(entry);
            cancelled.onCancel = undefined;
            reject(error);
          },
        );
      });
    },
    running: () => entries.size,
    endWhere(isMeant) {
      for (const entry of entries.all()) if (isMeant(entry.call)) entry.end("cancelled");
    },
    close: () => clearInterval(timer),
  };
}
