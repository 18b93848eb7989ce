import type { Plan, PlannedChange } from "../index.ts";

const MAX_SHOWN = 100;

/** A plan over the given changes; `rows` and people beyond those shown are given when there are more. */
export function planOf(summary: string, changes: readonly PlannedChange[], more: Partial<Omit<Plan, "summary" | "changes">> = {}): Plan {
  const { rows = changes.length, losesAccess = [], versions = {} } = more;
  return { summary, changes: changes.slice(0, MAX_SHOWN), rows, losesAccess: losesAccess.slice(0, MAX_SHOWN), versions };
}

/** Seconds in which a deletion can be taken back. */
export const UNDO_WINDOW_SECONDS = 86_400;
