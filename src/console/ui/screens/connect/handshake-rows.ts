import type { ConnectAttempt } from "../../../contract.ts";

export type RowState = "passed" | "waiting" | "failed" | "skipped" | "ahead";

export interface HandshakeRow {
  readonly step: string;
  readonly title: string;
  readonly state: RowState;
}

const MOST = 8;

/** In the order in which a client goes through them. */
const TITLES: readonly (readonly [step: string, title: string])[] = [
  ["challenge", "Asked, and was told to sign in"],
  ["metadata", "Read the discovery documents"],
  ["registration", "Made itself known"],
  ["authorize", "Asked for access"],
  ["sign_in", "A person signed in"],
  ["consent", "The person agreed"],
  ["token", "Got its token"],
  ["first_request", "First request"],
];

/** All steps, with what is known of each. A step that others have gone past without it was not needed by this client. */
export function handshakeRows({ steps, state }: Pick<ConnectAttempt, "steps" | "state">): readonly HandshakeRow[] {
  const known = new Map(steps.map(({ step, outcome }) => [step, outcome]));
  const last = state === "connected" ? TITLES.length - 1 : TITLES.findLastIndex(([step]) => known.has(step));
  return TITLES.map(([step, title], at) => ({ step, title, state: known.get(step) ?? (at < last ? "skipped" : "ahead") }));
}

/** The newest first; an attempt that is known is replaced where it stands. */
export function withAttempt(now: readonly ConnectAttempt[], attempt: ConnectAttempt): readonly ConnectAttempt[] {
  const isKnown = now.some(({ id }) => id === attempt.id);
  const all = isKnown ? now.map((each) => (each.id === attempt.id ? attempt : each)) : [attempt, ...now];
  return all.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, MOST);
}
