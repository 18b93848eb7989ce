/**
 * `npm run bench`: the same small tool call against the limit of `node:http`, two peers without authentication, and Remit with
 * everything on. All servers on one CPU, the load on the other; interleaved rounds, medians.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import * as z from "zod";
import { canPin, startNode, type Child } from "./child.ts";
import type { LoadResult } from "./generator/lanes.ts";
import type { LoadJob } from "./load.ts";
import { measureFsyncMs } from "./measure-disk.ts";
import { measureStartsMs } from "./measure-start.ts";
import { median } from "./median.ts";
import { makeDataDir, NODE_FLAGS } from "./product.ts";
import { fetchToken } from "./token.ts";
import type { Target } from "./tool-call.ts";

const VARIANTS = ["limit", "sdk", "fastmcp", "remit"] as const;
type Variant = (typeof VARIANTS)[number];

const TITLES: Readonly<Record<Variant, string>> = {
  limit: "node:http, parse and answer",
  sdk: "official SDK 2.4, no auth",
  fastmcp: "FastMCP, no auth, 2025-11-25",
  remit: "Remit, everything on",
};
const listening = z.object({
  port: z.number(),
  agent: z.object({ clientId: z.string(), clientSecret: z.string(), scope: z.string() }).optional(),
});
const CONNECTIONS = 64;
/** Lengths of the text to echo that make every answer about 200 bytes: older revisions put less around it. */
const TEXT_CHARS = { "2026-07-28": 23, "2025-11-25": 129 } as const;
const WARM_SECONDS = 2;
const STARTS = 5;
/** A generator busier than this might be what is measured. */
const MAX_GENERATOR_BUSY = 0.85;
/** The limit never waits for anything, so a server of it that got less CPU shared it with work that is not ours. */
const MIN_LIMIT_BUSY = 0.93;

interface Running {
  readonly child: Child;
  readonly target: Target;
}

interface Plan {
  readonly seconds: number;
  readonly rounds: number;
  readonly only: readonly Variant[];
  readonly cpus: { readonly server: number | undefined; readonly load: number | undefined };
}

const plan = parsePlan();
const dataDir = makeDataDir();
console.log(
  `Node ${process.version}, ${os.cpus()[0]?.model.trim()} × ${os.availableParallelism()}, ${CONNECTIONS} connections, ${plan.rounds} rounds of ${plan.seconds} s after ${WARM_SECONDS} s to warm up`,
);
console.log(
  plan.cpus.server === undefined
    ? "No taskset or one CPU only: servers and load share what there is, so ratios are rough."
    : "Servers with all their threads on CPU 0, load on CPU 1",
);
console.log(`fsync p50 of the data folder's disk: ${measureFsyncMs(dataDir).toFixed(3)} ms (4 KiB append, fdatasync)`);
const results = await runRounds(plan, `${dataDir}/load`);
printTable(results);
const starts = plan.only.includes("remit") ? await measureStartsMs({ dataDir: `${dataDir}/start`, cpu: plan.cpus.server }, STARTS) : [];
if (starts.length > 0)
  console.log(`Remit, spawn to first authenticated answer on a second start, ms: ${starts.map((ms) => ms.toFixed(0)).join(" ")}`);
console.log(summary(results, median(starts)));

function parsePlan(): Plan {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "6" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: VARIANTS.join(",") },
    },
  });
  const only = values.only.split(",").map((name) => {
    const known = VARIANTS.find((variant) => variant === name);
    if (known === undefined) throw new Error(`--only takes ${VARIANTS.join(", ")}, separated by commas`);
    return known;
  });
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (!(seconds > 0) || !Number.isInteger(rounds) || rounds < 1) throw new Error("--seconds and --rounds take positive numbers");
  const isPinned = os.availableParallelism() > 1 && canPin();
  return { seconds, rounds, only, cpus: isPinned ? { server: 0, load: 1 } : { server: undefined, load: undefined } };
}

/** Servers live through all rounds: the peers take longer than one warm-up until they run at full speed. */
async function runRounds({ seconds, rounds, only, cpus }: Plan, dataDir: string): Promise<Map<Variant, LoadResult[]>> {
  const results = new Map<Variant, LoadResult[]>(only.map((variant) => [variant, []]));
  const servers = new Map<Variant, Running>();
  for (const variant of only) servers.set(variant, await startServer(variant, { cpu: cpus.server, dataDir }));
  for (let round = 0; round < rounds; round++) {
    for (const [variant, { child, target }] of servers) {
      const job: LoadJob = {
        target,
        connections: CONNECTIONS,
        textChars: TEXT_CHARS[target.revision],
        warmSeconds: WARM_SECONDS,
        seconds,
        serverPid: child.pid,
      };
      const load = startNode([fileOf("load.ts")], { cpu: cpus.load, input: JSON.stringify(job) });
      const result = (await load.firstJson) as unknown as LoadResult;
      await load.end();
      results.get(variant)?.push(result);
      console.log(`round ${round + 1}  ${variant.padEnd(8)} ${result.callsPerSecond.toFixed(0).padStart(7)} calls/s`);
    }
  }
  for (const { child } of servers.values()) await child.end("SIGKILL");
  return results;
}

async function startServer(variant: Variant, { cpu, dataDir }: { cpu: number | undefined; dataDir: string }): Promise<Running> {
  const program = variant === "remit" ? [...NODE_FLAGS, fileOf("servers/remit.mjs")] : [fileOf(`servers/${variant}.ts`)];
  const child = startNode(program, { cpu, env: { REMIT_DATA: dataDir } });
  const { port, agent } = listening.parse(await child.firstJson);
  const revision = variant === "fastmcp" ? "2025-11-25" : "2026-07-28";
  const issuer = `http://127.0.0.1:${port}`;
  const token = agent === undefined ? {} : { token: await fetchToken({ issuer, resource: `${issuer}/mcp`, ...agent }) };
  return { child, target: { port, revision, ...token } };
}

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

function medianOf(results: Map<Variant, LoadResult[]>, variant: Variant, figure: keyof LoadResult): number {
  return median((results.get(variant) ?? []).map((result) => result[figure]));
}

function printTable(results: Map<Variant, LoadResult[]>): void {
  const head = ["calls/s", "of limit", "p50 ms", "p99 ms", "RSS MB", "CPU µs/call", "CPU used", "answer B"];
  console.log(`\n${"".padEnd(30)}${head.map((name) => name.padStart(13)).join("")}`);
  for (const variant of results.keys()) {
    const of = (figure: keyof LoadResult) => medianOf(results, variant, figure);
    const ratio = of("callsPerSecond") / medianOf(results, "limit", "callsPerSecond");
    const cells = [
      of("callsPerSecond").toFixed(0),
      text(ratio, 2),
      of("p50Ms").toFixed(2),
      of("p99Ms").toFixed(2),
      text(of("serverRssMb"), 0),
      text(of("serverCpuUsPerCall"), 1),
      text(of("serverBusy"), 2),
      of("answerBytes").toFixed(0),
    ];
    console.log(`${TITLES[variant].padEnd(30)}${cells.map((cell) => cell.padStart(13)).join("")}`);
  }
  const busy = Math.max(...[...results.values()].flat().map((result) => result.generatorBusy));
  const limitBusy = Math.min(...(results.get("limit") ?? []).map((result) => result.serverBusy));
  if (limitBusy < MIN_LIMIT_BUSY)
    console.log(
      `\nOther work on this machine took up to ${((1 - limitBusy) * 100).toFixed(0)}% of the servers' CPU: repeat this when it is quiet.`,
    );
  console.log(
    `\nThe load generator used at most ${(busy * 100).toFixed(0)}% of its CPU${busy > MAX_GENERATOR_BUSY ? ": it may be the bottleneck, so ratios to the limit are too good" : ""}.`,
  );
}

/** The line that scripts read. */
function summary(results: Map<Variant, LoadResult[]>, startMs: number): string {
  const rate = (variant: Variant) => medianOf(results, variant, "callsPerSecond");
  const figures = {
    limit_ratio: text(rate("remit") / rate("limit"), 2),
    sdk_ratio: text(rate("remit") / rate("sdk"), 2),
    rss_mb: text(medianOf(results, "remit", "serverRssMb"), 0),
    start_ms: text(startMs, 0),
    p99_ms: text(medianOf(results, "remit", "p99Ms"), 2),
  };
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function text(value: number, digits: number): string {
  return Number.isNaN(value) ? "n/a" : value.toFixed(digits);
}
