import type { Clock } from "../../lib/clock.ts";
import { canRecord, writeToStore } from "./can-write.ts";
import type { HealthDeps } from "./health-check.ts";

/** Anybody may ask, so an answer serves all who ask within this time. */
const FRESH_MS = 1000;

/** Whether the server can do its work: decide about calls, and put them on record. */
export interface Readiness {
  /** Never rejects. */
  isReady(): Promise<boolean>;
}

export function createReadiness(deps: Pick<HealthDeps, "store" | "ledger" | "record"> & { readonly now: Clock }): Readiness {
  let known: { readonly answer: Promise<boolean>; readonly at: number } | undefined;

  async function find(): Promise<boolean> {
    try {
      await writeToStore(deps);
    } catch {
      return false;
    }
    return canRecord(deps);
  }

  return {
    isReady() {
      const at = deps.now();
      if (known === undefined || Math.abs(at - known.at) >= FRESH_MS) known = { answer: find(), at };
      return known.answer;
    },
  };
}
