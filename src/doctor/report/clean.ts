import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Examination } from "../examine-server.ts";

const MAX_CHARS = 400;

/** What the other side sent, fit to be shown: bounded, and without anything that steers a terminal. */
export function clean(text: string): string {
  const safe = escapeUnsafe(text);
  return safe.length > MAX_CHARS ? `${safe.slice(0, MAX_CHARS)}…` : safe;
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** The result in a line. What was not looked at is not said to be right. */
export function summaryOf({ counts, steps }: Examination): string {
  const left = steps.filter(({ skipped }) => skipped.length > 0).length;
  const result =
    counts.error + counts.warning + counts.info === 0
      ? "Nothing was found"
      : `${count(counts.error, "error")}, ${count(counts.warning, "warning")}, ${counts.info} to know`;
  return left === 0 ? `${result}.` : `${result}; ${left} of ${count(steps.length, "part")} were not looked at as a whole.`;
}
