/**
 * `npm run soak -- --kills N`: ends the server with `kill -9` in the middle of reads and writes, N times, and then looks whether
 * every call whose answer arrived is on record, and whether the chain of records is whole.
 * `--refresh-kills N` does that to refreshes of tokens instead; see soak/refresh-kills.ts.
 * `--timing` looks at the times of refusals; see soak/timing.ts.
 */
import { randomBytes, randomInt } from "node:crypto";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { startNode } from "./child.ts";
import { postCall } from "./post-call.ts";
import { CLI, makeDataDir, productEnv, startProduct, type Listening } from "./product.ts";
import { freePort } from "./servers/announce.ts";
import { killRefreshes } from "./soak/refresh-kills.ts";
import { compareTimes } from "./soak/timing.ts";
import { fetchToken } from "./token.ts";
import { resultOf, type Target } from "./tool-call.ts";

const WORKERS = 16;
const LOAD_MS = { least: 20, most: 900 };
/** One call in so many writes. */
const WRITE_EVERY = 2;

const environmentList = z.object({ environments: z.array(z.object({ environment_id: z.string() })).min(1) });
const verification = z.object({ ok: z.boolean(), records: z.number() });
const record = z.object({ kind: z.string(), outcome: z.string().optional(), trace: z.string().optional() });

type Agent = NonNullable<Listening["agent"]>;

const { kills, refreshKills, isTiming } = parseOptions();
if (isTiming) process.exit((await compareTimes()) ? 0 : 1);
if (refreshKills > 0) process.exit((await killRefreshes(refreshKills)) ? 0 : 1);
const product = { port: await freePort(), dataDir: makeDataDir() };
/** Trace ids of the calls whose answer arrived whole. */
const acknowledged = new Set<string>();
let agent: Agent | undefined;
let sent = 0;

for (let kill = 1; kill <= kills; kill++) {
  const before = acknowledged.size;
  const loadMs = await killInTheMiddle();
  console.log(`kill ${kill} after ${loadMs} ms of load: ${acknowledged.size - before} calls acknowledged`);
}
// One more start, so that calls that were under way at the last kill get their outcome too, and one orderly stop.
const last = startProduct(product);
await last.listening;
await last.end("SIGTERM");

const { lost, records } = await findLost();
const isWhole = await isChainWhole(records);
console.log(`${sent} calls sent, ${records} records in the ledger`);
console.log(`kills=${kills} acknowledged=${acknowledged.size} lost=${lost.length} chain=${isWhole ? "ok" : "broken"}`);
if (lost.length > 0) console.error(`Not on record, by trace id: ${lost.slice(0, 10).join(" ")}`);
process.exitCode = lost.length === 0 && isWhole ? 0 : 1;

function parseOptions(): { readonly kills: number; readonly refreshKills: number; readonly isTiming: boolean } {
  const { values } = parseArgs({
    options: { kills: { type: "string" }, "refresh-kills": { type: "string" }, timing: { type: "boolean", default: false } },
  });
  const [kills, refreshKills] = [Number(values.kills ?? "50"), Number(values["refresh-kills"] ?? "0")];
  if (!Number.isInteger(kills) || kills < 1) throw new Error("--kills takes a whole number of at least 1");
  if (!Number.isInteger(refreshKills) || refreshKills < 0) throw new Error("--refresh-kills takes a whole number");
  return { kills, refreshKills, isTiming: values.timing };
}

/** Starts the server, loads it, and kills it at a moment that nobody chose. Returns for how many milliseconds it was under load. */
async function killInTheMiddle(): Promise<number> {
  const server = startProduct(product);
  const { issuer, mcp, agent: shown } = await server.listening;
  // The credentials are shown by the first start only.
  agent ??= shown ?? undefined;
  if (agent === undefined) throw new Error("the first start on a new folder made no agent");
  const token = await fetchToken({
    issuer,
    resource: mcp,
    clientId: agent.client_id,
    clientSecret: agent.client_secret,
    scope: "env:read org:write",
  });
  const target: Target = { port: product.port, revision: "2026-07-28", token };
  const environmentId = await findEnvironment(target);
  const run = { target, environmentId, isKilled: false };
  const workers = Array.from({ length: WORKERS }, () => work(run));
  const loadMs = randomInt(LOAD_MS.least, LOAD_MS.most);
  await Promise.race([sleep(loadMs), Promise.all(workers)]);
  run.isKilled = true;
  await server.end("SIGKILL");
  await Promise.all(workers);
  return loadMs;
}

interface Run {
  readonly target: Target;
  readonly environmentId: string;
  isKilled: boolean;
}

/** Calls until the server is gone. Fails when a call is refused, or unanswered before the kill. */
async function work(run: Run): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  while (await callOnce(run, agent));
  agent.destroy();
}

/** False once the server is gone. */
async function callOnce(run: Run, agent: http.Agent): Promise<boolean> {
  const { target, environmentId } = run;
  const traceId = randomBytes(16).toString("hex");
  const id = ++sent;
  const call =
    id % WRITE_EVERY === 0
      ? { name: "create_organization", arguments: { environment_id: environmentId, name: `Soak ${id}`, external_id: traceId } }
      : { name: "list_organizations", arguments: { environment_id: environmentId, page_size: 5 } };
  const answer = await postCall(target, { id, traceId, ...call }, agent).catch((error: unknown) => {
    if (run.isKilled) return undefined;
    throw error;
  });
  if (answer === undefined) return false;
  if (answer.status !== 200 || resultOf(answer.body) === undefined)
    throw new Error(`${call.name} was answered ${answer.status}: ${answer.body.slice(0, 500)}`);
  acknowledged.add(traceId);
  return true;
}

async function findEnvironment(target: Target): Promise<string> {
  const { status, body } = await postCall(target, { id: 1, name: "list_environments", arguments: {} });
  const { environments } = environmentList.parse(resultOf(body)?.structuredContent, {
    error: () => `list_environments was answered ${status}: ${body.slice(0, 500)}`,
  });
  return environments[0]?.environment_id ?? "";
}

/** The acknowledged calls that have no record of how they ended. An intent is not enough, nor an outcome that is not known. */
async function findLost(): Promise<{ readonly lost: readonly string[]; readonly records: number }> {
  const missing = new Set(acknowledged);
  let records = 0;
  const onLine = (line: string) => {
    records++;
    const { kind, outcome, trace } = record.parse(JSON.parse(line));
    if (trace !== undefined && kind !== "intent" && outcome === "ok") missing.delete(trace);
  };
  const tail = startNode([CLI, "audit", "tail", "--all", "--json"], { env: productEnv(product), onLine });
  if ((await tail.ended) !== 0) throw new Error("audit tail failed");
  return { lost: [...missing], records };
}

/** Whether every record follows from the one before it, over as many records as were read. */
async function isChainWhole(records: number): Promise<boolean> {
  const verify = startNode([CLI, "audit", "verify", "--json"], { env: productEnv(product) });
  const result = verification.parse(await verify.firstJson);
  return (await verify.ended) === 0 && result.ok && result.records === records;
}
