/**
 * `npm run soak -- --timing`: whether the time of a refusal at the token endpoint tells anything about a client or its secret. The classes are
 * interleaved at random, the slowest twentieth is left out, and the rest is compared by Welch's t-test, as dudect does (Reparaz et al. 2017).
 */
import { randomBytes, randomInt } from "node:crypto";
import { defineScopes } from "../../src/index.ts";
import { createId } from "../../src/lib/id.ts";
import { startServer, type TestServer } from "../../test/support/remit.ts";

/** Of each class. */
const SAMPLES = 100_000;
const WARM_UP = 1_000;
const AGENTS = 64;
const LANES = 4;
const KEPT = 0.95;
/** dudect takes more than this for evidence of a difference. */
const MAX_T = 4.5;

const scopes = defineScopes({ "note:read": { description: "Read notes.", access: "read", baseline: true } });

interface Agent {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is sent, given an agent that exists. */
const CLASSES = {
  unknown: () => ({ clientId: createId("cl"), clientSecret: randomBytes(32).toString("base64url") }),
  "wrong first byte": ({ clientId, clientSecret }: Agent) => ({ clientId, clientSecret: changed(clientSecret[0]) + clientSecret.slice(1) }),
  "wrong last byte": ({ clientId, clientSecret }: Agent) => ({
    clientId,
    clientSecret: clientSecret.slice(0, -1) + changed(clientSecret.at(-1)),
  }),
  right: (agent: Agent) => agent,
} as const satisfies Record<string, (agent: Agent) => Agent>;
type ClassName = keyof typeof CLASSES;
const NAMES = Object.keys(CLASSES) as ClassName[];

const PAIRS: readonly (readonly [ClassName, ClassName])[] = [
  ["unknown", "wrong first byte"],
  ["unknown", "wrong last byte"],
  ["wrong first byte", "wrong last byte"],
];

/** Prints the comparison; false when a difference was found. */
export async function compareTimes(): Promise<boolean> {
  const closing: (() => unknown)[] = [];
  const server = await startServer({ after: (close) => void closing.push(close as () => unknown) }, { scopes, tools: [] });
  try {
    const agents = await Promise.all(Array.from({ length: AGENTS }, () => server.agent("note:read")));
    await measure(server, agents, WARM_UP);
    const times = await measure(server, agents, SAMPLES);
    return report(times);
  } finally {
    for (const close of closing) await close();
  }
}

type Times = Readonly<Record<ClassName, readonly number[]>>;

/** Microseconds of each request, by class. */
async function measure(server: TestServer, agents: readonly Agent[], samples: number): Promise<Times> {
  const times: Record<ClassName, number[]> = { unknown: [], "wrong first byte": [], "wrong last byte": [], right: [] };
  let left = samples * NAMES.length;
  async function lane(): Promise<void> {
    while (left-- > 0) {
      const name = NAMES[randomInt(NAMES.length)] ?? "unknown";
      const agent = agents[randomInt(agents.length)];
      if (agent === undefined) throw new Error("there are no agents");
      const request = requestOf(server.url, CLASSES[name](agent));
      const start = process.hrtime.bigint();
      const response = await server.fetch(request);
      times[name].push(Number(process.hrtime.bigint() - start) / 1000);
      const expected = name === "right" ? 400 : 401;
      if (response.status !== expected) throw new Error(`${name} was answered ${response.status}: ${await response.text()}`);
    }
  }
  // Refusals wait for most of their time, so that several can be under way without standing in each other's.
  await Promise.all(Array.from({ length: LANES }, lane));
  return times;
}

/** Asks for a grant that does not exist, so that the right secret costs no more than the look at it. */
function requestOf(url: string, { clientId, clientSecret }: Agent): Request {
  const headers = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
  return new Request(`${url}/token`, { method: "POST", headers, body: new URLSearchParams({ grant_type: "none" }) });
}

function changed(letter: string | undefined): string {
  return letter === "A" ? "B" : "A";
}

function report(times: Times): boolean {
  const refusals = [...times.unknown, ...times["wrong first byte"], ...times["wrong last byte"]].toSorted((a, b) => a - b);
  const limit = refusals[Math.floor(refusals.length * KEPT)] ?? Number.POSITIVE_INFINITY;
  for (const name of NAMES) {
    const { count, mean, variance } = summarize(times[name], limit);
    console.log(`${name}: ${count} samples, mean ${mean.toFixed(3)} µs, deviation ${Math.sqrt(variance).toFixed(3)} µs`);
  }
  let isSame = true;
  for (const [a, b] of PAIRS) {
    const { t, error } = welch(summarize(times[a], limit), summarize(times[b], limit));
    const seen = `${(MAX_T * error).toFixed(2)} µs would be seen`;
    console.log(`${a} / ${b}: t=${t.toFixed(2)} ${Math.abs(t) < MAX_T ? "no difference" : "DIFFERENT"} (${seen})`);
    isSame &&= Math.abs(t) < MAX_T;
  }
  return isSame;
}

interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function summarize(times: readonly number[], limit: number): Summary {
  const kept = times.filter((time) => time < limit);
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1);
  return { count: kept.length, mean, variance };
}

/** The statistic, and the standard error of the difference in microseconds. */
function welch(a: Summary, b: Summary): { readonly t: number; readonly error: number } {
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  return { t: (a.mean - b.mean) / error, error };
}
