import { escapeUnsafe } from "../lib/escape-unsafe.ts";
import type { Plan, PlannedChange } from "../tool/index.ts";

const MAX_LINES = 20;

/** A plan in lines, for a model or in a diff. Names in it are other people's texts: none of them can end its line or hide in it. */
export function describePlan({ summary, changes, rows, losesAccess }: Plan): string[] {
  return [
    summary,
    ...(rows === 0 ? [] : [`${rows} ${rows === 1 ? "row" : "rows"} would change.`]),
    ...changes.map(describeChange),
    ...(losesAccess.length > 0 ? [`Lose access: ${losesAccess.join(", ")}.`] : []),
  ].map(escapeUnsafe);
}

function describeChange({ change, resource, before, after }: PlannedChange): string {
  const values = [before === undefined ? "" : ` from ${JSON.stringify(before)}`, after === undefined ? "" : ` to ${JSON.stringify(after)}`];
  return `${change} ${resource}${values.join("")}`;
}

/** What a plan says now and did not before, and the other way round. */
export function diffPlans(before: Plan, after: Plan): string {
  const [old, now] = [describePlan(before), describePlan(after)];
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
  // The same words, and still not the same: then it is a version that differs.
  if (lines.length === 0) return "A resource was changed by somebody meanwhile.";
  return lines.length > MAX_LINES ? `${lines.slice(0, MAX_LINES).join("\n")}\n… ${lines.length - MAX_LINES} more` : lines.join("\n");
}
