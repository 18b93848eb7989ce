/**
 * `npm run soak -- --kills N`: ends the server with `kill -9` in the middle of reads and writes, N times, and then looks whether
 * every call whose answer arrived is on record, and whether the chain of records is whole.
 */
import { randomBytes, randomInt } from "node:crypto";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { postCall } from "../post-call.ts";
import { makeDataDir, startProduct, type Listening } from "../product.ts";
import { freePort } from "../servers/announce.mjs";
import { fetchToken } from "../token.ts";
import { resultOf, type Target } from "../tool-call.ts";
import { findLost, isChainWhole } from "./on-record.ts";

const WORKERS = 16;
const LOAD_MS = { least: 20, most: 900 };
/** One call in so many writes. */
const WRITE_EVERY = 2;

const environmentList = z.object({ environments: z.array(z.object({ environment_id: z.string() })).min(1) });

interface Soak {
  readonly port: number;
  readonly dataDir: string;
  /** Trace ids of the calls whose answer arrived whole. */
  readonly acknowledged: Set<string>;
  agent: Listening["agent"];
  sent: number;
}

/** Prints what it found; false when a call that was answered is not on record, or the chain is broken. */
export async function killUnderLoad(kills: number): Promise<boolean> {
  const soak: Soak = { port: await freePort(), dataDir: makeDataDir(), acknowledged: new Set(), agent: null, sent: 0 };
  const { acknowledged } = soak;
  for (let kill = 1; kill <= kills; kill++) {
    const before = acknowledged.size;
    const loadMs = await killInTheMiddle(soak);
    console.log(`kill ${kill} after ${loadMs} ms of load: ${acknowledged.size - before} calls acknowledged`);
  }
  // One more start, so that calls that were under way at the last kill get their outcome too, and one orderly stop.
  const last = startProduct(soak);
  await last.listening;
  await last.end("SIGTERM");
  const { lost, records } = await findLost(soak, acknowledged);
  const isWhole = await isChainWhole(soak, records);
  console.log(`${soak.sent} calls sent, ${records} records in the ledger`);
  console.log(`kills=${kills} acknowledged=${acknowledged.size} lost=${lost.length} chain=${isWhole ? "ok" : "broken"}`);
  if (lost.length > 0) console.error(`Not on record, by trace id: ${lost.slice(0, 10).join(" ")}`);
  return lost.length === 0 && isWhole;
}

/** Starts the server, loads it, and kills it at a moment that nobody chose. Returns for how many milliseconds it was under load. */
async function killInTheMiddle(soak: Soak): Promise<number> {
  const server = startProduct(soak);
  const { issuer, mcp, agent: shown } = await server.listening;
  // The credentials are shown by the first start only.
  const agent = (soak.agent ??= shown);
  if (agent === null) throw new Error("the first start on a new folder made no agent");
  const token = await fetchToken({
    issuer,
    resource: mcp,
    clientId: agent.client_id,
    clientSecret: agent.client_secret,
    scope: "env:read org:write",
  });
  const target: Target = { port: soak.port, revision: "2026-07-28", token };
  const environmentId = await findEnvironment(target);
  const run: Run = { soak, target, environmentId, isKilled: false };
  const workers = Array.from({ length: WORKERS }, () => work(run));
  const loadMs = randomInt(LOAD_MS.least, LOAD_MS.most);
  await Promise.race([sleep(loadMs), Promise.all(workers)]);
  run.isKilled = true;
  await server.end("SIGKILL");
  await Promise.all(workers);
  return loadMs;
}

interface Run {
  readonly soak: Soak;
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
  const { soak, target, environmentId } = run;
  const traceId = randomBytes(16).toString("hex");
  const id = ++soak.sent;
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
  soak.acknowledged.add(traceId);
  return true;
}

export async function findEnvironment(target: Target): Promise<string> {
  const { status, body } = await postCall(target, { id: 1, name: "list_environments", arguments: {} });
  const { environments } = environmentList.parse(resultOf(body)?.structuredContent, {
    error: () => `list_environments was answered ${status}: ${body.slice(0, 500)}`,
  });
  return environments[0]?.environment_id ?? "";
}
