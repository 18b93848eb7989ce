import type { Problem } from "./problems.ts";
import { STEPS, type Outcome, type Signal, type Step } from "./signal.ts";

/** One thing that happened in an attempt; what happens again in a row is counted. Instants are epoch milliseconds. */
export interface StepRecord {
  readonly step: Step;
  readonly outcome: Outcome;
  readonly problem?: Problem;
  readonly facts?: Readonly<Record<string, string>>;
  readonly at: number;
  readonly last_at: number;
  readonly times: number;
}

/** One try of one client to connect. */
export interface Attempt {
  readonly id: string;
  readonly startedAt: number;
  updatedAt: number;
  /** Network of the address, never the address. */
  readonly network: string;
  readonly userAgent: string;
  client: { readonly id?: string; readonly name?: string; readonly redirect?: string };
  steps: readonly StepRecord[];
  /** Keyed hashes. */
  readonly traces: Set<string>;
}

const MAX_STEPS = 40;
const MAX_TRACES = 40;
const MAX_FACT_CHARS = 200;
const MAX_GIVEN_CHARS = 1000;

const UNSAFE = /[\p{Cc}\p{Cf}]/gu;
// Of what a client sends in the wrong place, some may be secret: what is signed, what comes after a scheme, and long random texts. Ids have no capitals.
const SECRETS = [
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:Bearer|Basic|DPoP) +\S+/gi,
  /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{24,}/g,
];

/** A text from outside, fit to be kept: no secret by its form, no hidden characters, and short. */
export function tidy(text: string): string {
  const bounded = text.slice(0, MAX_GIVEN_CHARS).replace(UNSAFE, "");
  return SECRETS.reduce((kept, secret) => kept.replace(secret, "[redacted]"), bounded).slice(0, MAX_FACT_CHARS);
}

/** Adds what happened to an attempt. */
export function addSignal(attempt: Attempt, { step, outcome, problem, facts, client }: Signal, at: number): void {
  attempt.updatedAt = at;
  attempt.client = { ...attempt.client, ...present(client) };
  const record: StepRecord = {
    step,
    outcome,
    ...(problem === undefined ? {} : { problem }),
    ...(facts === undefined ? {} : { facts: present(facts) }),
    at,
    last_at: at,
    times: 1,
  };
  const last = attempt.steps.at(-1);
  const isAgain = last !== undefined && last.step === step && last.outcome === outcome && last.problem === problem;
  if (isAgain) attempt.steps = attempt.steps.with(attempt.steps.length - 1, { ...record, at: last.at, times: last.times + 1 });
  // The beginning tells most; of many steps the newest of the rest are kept.
  else if (attempt.steps.length >= MAX_STEPS) attempt.steps = [...attempt.steps.slice(0, 10), ...attempt.steps.slice(11), record];
  else attempt.steps = [...attempt.steps, record];
}

export function addTraces({ traces }: Attempt, more: readonly string[]): void {
  for (const trace of more) if (traces.size < MAX_TRACES) traces.add(trace);
}

function present(texts: Readonly<Record<string, string | undefined>> | object | undefined): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts ?? {})) if (typeof text === "string") kept[name] = tidy(text);
  return kept;
}

export function orderOf(step: Step): number {
  return STEPS.indexOf(step);
}

/** Whether the client made a request that was let in. */
export function isConnected({ steps }: Pick<Attempt, "steps">): boolean {
  return steps.some(({ step, outcome }) => step === "first_request" && outcome === "passed");
}
