/**
 * `npm run soak -- --faults`: takes the disk and the clock away from a server under load, one way after the other, and gives them back. Every call
 * must either be answered and on record, or be refused in words; and calls must succeed again within 5 s of the cause going away. Faults of
 * the disk are injected into the system calls on the files of the data folder by `strace`, which must be installed and allowed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { postCall, type PostAnswer } from "../post-call.ts";
import { makeDataDir, startProduct, type Listening } from "../product.ts";
import { freePort } from "../servers/announce.mjs";
import { fetchToken } from "../token.ts";
import { resultOf, type Target } from "../tool-call.ts";
import { findEnvironment } from "./kills.ts";
import { findLost, isChainWhole } from "./on-record.ts";

const WORKERS = 8;
const CALM_MS = 1500;
const FAULT_MS = 4000;
const RECOVERED_WITHIN_MS = 5000;
const CLOCK = fileURLToPath(new URL("jumping-clock.mjs", import.meta.url));
/** What writes bytes of a file or makes it longer. */
const WRITES = "write,pwrite64,pwritev,ftruncate,fallocate";

interface Fault {
  readonly name: string;
  /** What `strace` injects. */
  readonly inject?: readonly string[];
  /** By how much the clock jumps; another jump of the same size takes it back. */
  readonly jumpMs?: number;
}

const HOUR_MS = 3_600_000;
const FAULTS: readonly Fault[] = [
  { name: "disk full", inject: [`${WRITES}:error=ENOSPC`] },
  { name: "read-only disk", inject: [`${WRITES},fsync,fdatasync:error=EROFS`] },
  { name: "failing fsync", inject: ["fsync,fdatasync:error=EIO"] },
  { name: "slow fsync (50 ms)", inject: ["fsync,fdatasync:delay_enter=50000"] },
  { name: "clock 1 day ahead", jumpMs: 24 * HOUR_MS },
  { name: "clock 1 hour back", jumpMs: -HOUR_MS },
];

interface Site {
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  readonly listening: Listening;
  readonly agent: NonNullable<Listening["agent"]>;
  readonly clockFile: string;
  readonly environmentId: string;
}

/** What the workers saw. Refusals by the words that came with them. */
interface Tally {
  readonly acknowledged: Set<string>;
  readonly problems: string[];
  refusals: Map<string, number>;
  ok: number;
  slowestMs: number;
  /** When the last call was answered with its result. */
  okAt: number;
  isOver: boolean;
}

/** Prints what it found; false when something was lost, went unanswered, or did not recover. */
export async function injectFaults(): Promise<boolean> {
  const product = { port: await freePort(), dataDir: makeDataDir() };
  const clockFile = path.join(product.dataDir, "..", `clock-${product.port}`);
  fs.writeFileSync(clockFile, "0");
  const server = startProduct({ ...product, flags: ["--import", CLOCK], env: { SOAK_CLOCK_FILE: clockFile } });
  const listening = await server.listening;
  if (listening.agent === null) throw new Error("the first start on a new folder made no agent");
  const base = { ...product, pid: server.pid, listening, agent: listening.agent, clockFile };
  const target: Target = { port: product.port, revision: "2026-07-28", token: (await newToken(base)) ?? "none" };
  const site: Site = { ...base, environmentId: await findEnvironment(target) };
  const tally: Tally = { acknowledged: new Set(), problems: [], refusals: new Map(), ok: 0, slowestMs: 0, okAt: 0, isOver: false };
  const workers = Array.from({ length: WORKERS }, () => work(site, tally));
  await sleep(CALM_MS);
  for (const fault of FAULTS) await suffer(site, { fault, tally });
  tally.isOver = true;
  await Promise.all(workers);
  await server.end("SIGTERM");
  fs.rmSync(clockFile);
  const { lost, records } = await findLost(product, tally.acknowledged);
  const isWhole = await isChainWhole(product, records);
  for (const problem of tally.problems) console.error(problem);
  const { acknowledged, problems } = tally;
  console.log(
    `faults=${FAULTS.length} acknowledged=${acknowledged.size} lost=${lost.length} chain=${isWhole ? "ok" : "broken"} problems=${problems.length}`,
  );
  return lost.length === 0 && isWhole && problems.length === 0;
}

/** One fault, from its start until calls succeed again. */
async function suffer(site: Site, { fault, tally }: { readonly fault: Fault; readonly tally: Tally }): Promise<void> {
  Object.assign(tally, { ok: 0, refusals: new Map(), slowestMs: 0 });
  const end = await begin(site, fault);
  await sleep(FAULT_MS);
  const { ok, refusals, slowestMs } = tally;
  const endedAt = performance.now();
  await end();
  while (tally.okAt < endedAt && performance.now() < endedAt + 2 * RECOVERED_WITHIN_MS) await sleep(10);
  const recoveredMs = Math.max(0, tally.okAt - endedAt);
  const refused = [...refusals].map(([words, count]) => `\n    ${count} × ${words}`).join("");
  console.log(
    `${fault.name}: ${ok} answered, the slowest after ${slowestMs.toFixed(0)} ms; well again after ${recoveredMs.toFixed(0)} ms${refused}`,
  );
  if (tally.okAt < endedAt || recoveredMs > RECOVERED_WITHIN_MS) tally.problems.push(`${fault.name}: calls did not succeed again in time`);
  await sleep(CALM_MS);
}

/** Starts the fault; returns what ends it. */
async function begin(site: Site, { inject, jumpMs }: Fault): Promise<() => Promise<void>> {
  if (jumpMs !== undefined) {
    const jump = (ms: number) => {
      fs.writeFileSync(site.clockFile, String(ms));
      process.kill(site.pid, "SIGUSR2");
    };
    jump(jumpMs);
    return async () => jump(0);
  }
  const files = fs.readdirSync(site.dataDir).flatMap((file) => ["-P", path.join(site.dataDir, file)]);
  const injections = (inject ?? []).flatMap((each) => ["-e", `inject=${each}`]);
  const tracer = spawn("strace", ["-f", "-qq", "-o", "/dev/null", ...files, ...injections, "-p", String(site.pid)], { stdio: "inherit" });
  await attached(site.pid, tracer);
  return async () => {
    const ended = new Promise((resolve) => tracer.once("exit", resolve));
    tracer.kill("SIGINT");
    await ended;
  };
}

/** Resolves when a tracer holds the process. */
async function attached(pid: number, tracer: ChildProcess): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => {
    tracer.once("error", () => reject(new Error("strace cannot be started; install it")));
    tracer.once("exit", (code) => reject(new Error(`strace ended with ${code}; is it allowed to trace?`)));
  });
  failed.catch(() => undefined);
  while (!/^TracerPid:\s+[1-9]/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))) await Promise.race([sleep(10), failed]);
}

async function work(site: Site, tally: Tally): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let token = await newToken(site);
  for (let id = 1; !tally.isOver; id++) {
    const startedAt = performance.now();
    const traceId = randomBytes(16).toString("hex");
    const target: Target = { port: site.port, revision: "2026-07-28", token: token ?? "none" };
    const call =
      id % 2 === 0
        ? { name: "create_organization", arguments: { environment_id: site.environmentId, name: `Soak ${id}`, external_id: traceId } }
        : { name: "list_organizations", arguments: { environment_id: site.environmentId, page_size: 5 } };
    const answer = await postCall(target, { id, traceId, ...call }, agent).catch((error: unknown) => error);
    const tookMs = performance.now() - startedAt;
    tally.slowestMs = Math.max(tally.slowestMs, tookMs);
    if (answer instanceof Error) tally.problems.push(`a call was not answered: ${answer.message}`);
    else if (note(tally, { answer: answer as PostAnswer, traceId })) continue;
    // Who is refused does not try again at once.
    await sleep(20);
    if ((answer as PostAnswer).status === 401) token = await newToken(site);
  }
  agent.destroy();
}

/** Whether the call succeeded. Anything but a result and a refusal in words is a problem. */
function note(tally: Tally, { answer, traceId }: { readonly answer: PostAnswer; readonly traceId: string }): boolean {
  const result = answer.status === 200 ? resultOf(answer.body) : undefined;
  if (result !== undefined) {
    tally.acknowledged.add(traceId);
    tally.ok++;
    tally.okAt = performance.now();
    return true;
  }
  const words = wordsOf(answer);
  tally.refusals.set(words, (tally.refusals.get(words) ?? 0) + 1);
  if (words.endsWith(" ")) tally.problems.push(`a call was refused without words: ${answer.status} ${answer.body.slice(0, 200)}`);
  return false;
}

function wordsOf({ status, body }: PostAnswer): string {
  const text = /"(?:message|error_description)":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? "";
  return `${status} ${text.replaceAll(/\b(?:flt_)?[\w-]{16,}\b/g, "…").slice(0, 160)}`;
}

/** Undefined while the server gives none. */
async function newToken({ listening: { issuer, mcp }, agent }: Pick<Site, "listening" | "agent">): Promise<string | undefined> {
  const credentials = { clientId: agent.client_id, clientSecret: agent.client_secret };
  return fetchToken({ issuer, resource: mcp, ...credentials, scope: "env:read org:write" }).catch(() => undefined);
}
