/** Changes of things that others may be changing too. */
import { toolError } from "../index.ts";

export type Values = Readonly<Record<string, unknown>>;

/** What a thing is now, under the names of the parameters that change it. */
export interface Revision {
  readonly version: number;
  readonly values: Values;
}

/** What to tell when the caller expected another version than there is; undefined when it did not. */
export function refuseStale(now: Revision, expected: number | undefined, wanted: Values) {
  return expected === undefined || expected === now.version ? undefined : changedMeanwhile(now, wanted);
}

/** Tells the version there is, and what of it differs from what was to be written. */
export function changedMeanwhile({ version, values }: Revision, wanted: Values) {
  const differing = Object.keys(given(wanted)).filter((name) => JSON.stringify(values[name]) !== JSON.stringify(wanted[name]));
  const now = differing.map((name) => `${name} is ${JSON.stringify(values[name] ?? null)} and you sent ${JSON.stringify(wanted[name])}`);
  const differs = now.length === 0 ? "It is already as you asked." : `There, ${now.join("; ")}.`;
  return toolError(
    `It was changed meanwhile, so nothing was written. Its version is ${version}. ${differs} Look at it again before you decide.`,
  );
}

/** The members that are not undefined. */
export function given<V extends object>(values: V): Partial<V> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<V>;
}

export const NOTHING_SENT = toolError(
  "Nothing was sent that could be changed. Send at least one parameter beside the ids and expected_version.",
);
