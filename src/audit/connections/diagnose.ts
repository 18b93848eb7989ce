import { isConnected, orderOf, type Attempt, type StepRecord } from "./attempt.ts";
import { familyOf, FAMILIES } from "./families.ts";
import { PROBLEMS, type Problem } from "./problems.ts";
import { QUIRKS } from "./quirks.ts";
import type { Step } from "./signal.ts";

export interface Finding {
  readonly state: "connected" | "stopped" | "under_way";
  /** How far it came; of one that stopped, where. */
  readonly step: Step;
  readonly problem: Problem | null;
  /** What happened, in a sentence. */
  readonly says: string;
  /** What helps. */
  readonly remedy: string;
  /** The habit of this client that is known to cause it. */
  readonly quirk: { readonly id: string; readonly says: string; readonly remedy: string; readonly source: string } | null;
}

/** A program answers at once, a person takes time. */
const PATIENCE_MS: Readonly<Record<Step, number>> = {
  challenge: 60_000,
  metadata: 60_000,
  registration: 60_000,
  authorize: 600_000,
  sign_in: 1_800_000,
  consent: 1_800_000,
  token: 120_000,
  first_request: 0,
};

/** Where an attempt stands: what failed and was not passed later, or where nothing more came. */
export function diagnose(
  attempt: Pick<Attempt, "steps" | "client" | "userAgent">,
  here: Readonly<Record<string, string>>,
  now: number,
): Finding {
  const { steps } = attempt;
  const failed = lastFailure(steps);
  if (failed?.problem !== undefined)
    return explained(attempt, { step: failed.step, problem: failed.problem, facts: { ...here, ...failed.facts } });
  if (isConnected(attempt)) return plain("connected", "first_request", "The client is connected.");
  const last = steps.at(-1);
  if (last === undefined) return plain("under_way", "challenge", "Nothing came yet.");
  if (last.step !== "first_request" && now - last.last_at > PATIENCE_MS[last.step])
    return explained(attempt, { step: last.step, problem: `${last.step}_left`, facts: here });
  return plain("under_way", last.step, "It is under way.");
}

function plain(state: Finding["state"], step: Step, says: string): Finding {
  return { state, step, problem: null, says, remedy: "", quirk: null };
}

/** The last failure that no later pass of the same or a later step has made good. */
function lastFailure(steps: readonly StepRecord[]): StepRecord | undefined {
  const at = steps.findLastIndex(({ outcome }) => outcome === "failed");
  const failed = steps[at];
  if (failed === undefined) return undefined;
  const isGood = steps.slice(at + 1).some(({ step, outcome }) => outcome === "passed" && orderOf(step) >= orderOf(failed.step));
  return isGood ? undefined : failed;
}

interface Trouble {
  readonly step: Step;
  readonly problem: Problem;
  readonly facts: Readonly<Record<string, string>>;
}

function explained({ client, userAgent }: Pick<Attempt, "client" | "userAgent">, { step, problem, facts }: Trouble): Finding {
  const { says, remedy } = PROBLEMS[problem];
  const family = familyOf({ ...client, userAgent });
  const quirk = QUIRKS.find(
    ({ problems, families, facts: wanted = {} }) =>
      problems.includes(problem) &&
      (families === undefined || (family !== undefined && families.includes(family))) &&
      Object.entries(wanted).every(([name, value]) => facts[name] === value),
  );
  return {
    state: "stopped",
    step,
    problem,
    says: filled(says, facts),
    remedy: filled(remedy, facts),
    quirk: quirk === undefined ? null : { id: quirk.id, says: quirk.says, remedy: filled(quirk.remedy, facts), source: quirk.source },
  };
}

function filled(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? "(unknown)");
}

/** What people call the client. */
export function clientLabel({ client, userAgent }: Pick<Attempt, "client" | "userAgent">): string {
  const family = familyOf({ ...client, userAgent });
  return client.name ?? (family === undefined ? (client.id ?? (userAgent || "unknown client")) : FAMILIES[family].name);
}

/** How two addresses differ, when it is by little: that is easily overlooked. */
export function difference(given: string, expected: readonly string[]): "slash" | "loopback" | "path" | undefined {
  const bare = (text: string) => text.replace(/\/+$/, "");
  if (expected.some((each) => bare(each) === bare(given))) return "slash";
  const [url, others] = [URL.parse(given), expected.map((each) => URL.parse(each))];
  if (url === null) return undefined;
  const isLoopback = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(host);
  const near = others.filter((other) => other !== null);
  if (
    near.some(
      (other) =>
        other.pathname === url.pathname && other.hostname !== url.hostname && isLoopback(other.hostname) && isLoopback(url.hostname),
    )
  )
    return "loopback";
  return near.some((other) => other.origin === url.origin) ? "path" : undefined;
}
