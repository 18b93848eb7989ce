/**
 * `npm run bench:tokens`: tokens per second of Remit, which writes durably, beside those of plain oidc-provider, which keeps all in memory. The
 * servers with all their threads on one CPU, the load on the other; interleaved rounds on new servers, medians.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import * as z from "zod";
import { canPin, startNode, type Child } from "./child.ts";
import type { LoadResult } from "./generator/lanes.ts";
import { measureFsyncMs } from "./measure-disk.ts";
import { median } from "./median.ts";
import { makeDataDir, NODE_FLAGS } from "./product.ts";
import type { TokenJob, TokenTarget } from "./token-load.ts";

const GRANTS = ["client_credentials", "refresh_token"] as const;
type Grant = (typeof GRANTS)[number];
const SERVERS = ["oidc-provider", "remit"] as const;
type Server = (typeof SERVERS)[number];

interface Running {
  readonly child: Child;
  readonly target: TokenTarget;
}

type Results = Record<Grant, Record<Server, LoadResult[]>>;

const announced = z.object({
  port: z.number(),
  clientId: z.string(),
  clientSecret: z.string(),
  resource: z.string(),
  scope: z.string(),
  refreshTokens: z.array(z.string()),
});
const CONNECTIONS = 64;
const WARM_SECONDS = 2;
/** Of the tokens per second of plain oidc-provider. */
const TARGET_RATIO = 0.5;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" }, rounds: { type: "string", default: "3" } } });
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
if (!(seconds > 0) || !Number.isInteger(rounds) || rounds < 1) throw new Error("--seconds and --rounds take positive numbers");
const cpus = os.availableParallelism() > 1 && canPin() ? { server: 0, load: 1 } : { server: undefined, load: undefined };
const dataDir = makeDataDir();
console.log(
  `Node ${process.version}, ${os.cpus()[0]?.model.trim()} × ${os.availableParallelism()}, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s after ${WARM_SECONDS} s to warm up`,
);
if (cpus.server === undefined) console.log("No taskset or one CPU only: servers and load share what there is, so ratios are rough.");
console.log(`fsync p50 of the data folder's disk: ${measureFsyncMs(dataDir).toFixed(3)} ms (4 KiB append, fdatasync)`);
printTable(await runRounds());

async function runRounds(): Promise<Results> {
  const results: Results = {
    client_credentials: { "oidc-provider": [], remit: [] },
    refresh_token: { "oidc-provider": [], remit: [] },
  };
  for (let round = 0; round < rounds; round++)
    for (const grant of GRANTS)
      for (const server of SERVERS) {
        const result = await measure(server, grant, `${dataDir}/${grant}-${round}`);
        results[grant][server].push(result);
        const [rate, cpu] = [result.callsPerSecond.toFixed(0).padStart(7), result.serverCpuUsPerCall.toFixed(0).padStart(5)];
        console.log(`round ${round + 1}  ${grant.padEnd(19)}${server.padEnd(14)}${rate} tokens/s  ${cpu} µs CPU`);
      }
  return results;
}

/** On a server of its own: the peer becomes slower with every refresh of a grant, as it keeps a list of all that followed from it. */
async function measure(server: Server, grant: Grant, dataDir: string): Promise<LoadResult> {
  const { child, target } = await startServer(server, dataDir);
  try {
    const job: TokenJob = { target, grant, connections: CONNECTIONS, warmSeconds: WARM_SECONDS, seconds, serverPid: child.pid };
    const load = startNode([fileOf("token-load.ts")], { cpu: cpus.load, input: JSON.stringify(job) });
    const result = (await load.firstJson) as unknown as LoadResult;
    await load.end();
    return result;
  } finally {
    await child.end("SIGKILL");
  }
}

async function startServer(server: Server, dataDir: string): Promise<Running> {
  const program = server === "remit" ? "servers/remit-tokens.mjs" : "servers/oidc-provider.ts";
  const child = startNode([...NODE_FLAGS, fileOf(program)], { cpu: cpus.server, env: { REMIT_DATA: dataDir } });
  return { child, target: announced.parse(await child.firstJson) };
}

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

function printTable(results: Results): void {
  const head = ["tokens/s", "of plain", "CPU µs/token", "p50 ms", "p99 ms", "RSS MB", "CPU used"];
  console.log(`\n${"".padEnd(36)}${head.map((name) => name.padStart(13)).join("")}`);
  const ratios: string[] = [];
  for (const grant of GRANTS) {
    const of = (server: Server, figure: keyof LoadResult) => median(results[grant][server].map((result) => result[figure]));
    for (const server of SERVERS) {
      const ratio = of(server, "callsPerSecond") / of("oidc-provider", "callsPerSecond");
      const cells = [
        of(server, "callsPerSecond").toFixed(0),
        ratio.toFixed(2),
        of(server, "serverCpuUsPerCall").toFixed(0),
        of(server, "p50Ms").toFixed(1),
        of(server, "p99Ms").toFixed(1),
        of(server, "serverRssMb").toFixed(0),
        of(server, "serverBusy").toFixed(2),
      ];
      console.log(`${`${grant}, ${server}`.padEnd(36)}${cells.map((cell) => cell.padStart(13)).join("")}`);
      if (server === "remit") ratios.push(`${grant}_ratio=${ratio.toFixed(2)}${ratio < TARGET_RATIO ? ` (below ${TARGET_RATIO})` : ""}`);
    }
  }
  const busy = Math.max(
    ...GRANTS.flatMap((grant) => SERVERS.flatMap((server) => results[grant][server].map((result) => result.generatorBusy))),
  );
  console.log(`\nThe load generator used at most ${(busy * 100).toFixed(0)}% of its CPU.`);
  console.log(ratios.join(" "));
}
