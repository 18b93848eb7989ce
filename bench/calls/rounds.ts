import * as z from "zod";
import { startNode, type Child } from "../child.ts";
import type { LoadResult } from "../generator/lanes.ts";
import type { LoadJob } from "../load.ts";
import { NODE_FLAGS, ONE_CPU_FLAGS, START_ENV } from "../product.ts";
import { fetchToken } from "../token.ts";
import type { Target } from "../tool-call.ts";
import type { Workload } from "./workload.ts";

export const VARIANTS = ["limit", "sdk", "fastmcp", "bare", "remit"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Which of the servers are measured with what, on how many connections. One connection: how long one call takes when nothing else is going on. */
export const WORKLOADS: Readonly<Record<Workload, { readonly variants: readonly Variant[]; readonly connections: number }>> = {
  echo: { variants: VARIANTS, connections: 64 },
  count: { variants: ["sdk", "remit"], connections: 64 },
  report: { variants: ["sdk", "remit"], connections: 1 },
};
/** Lengths of the text to echo that make every answer about 200 bytes: older revisions put less around it. */
const TEXT_CHARS = { "2026-07-28": 23, "2025-11-25": 129 } as const;

export interface Cpus {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

export interface Plan {
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  readonly only: readonly Variant[];
  readonly workloads: readonly Workload[];
  readonly cpus: Cpus;
  readonly dataDir: string;
}

/** A result for each round. */
export type Results = Readonly<Record<Workload, Map<Variant, LoadResult[]>>>;

const listening = z.object({
  port: z.number(),
  agent: z.object({ clientId: z.string(), clientSecret: z.string(), scope: z.string() }).optional(),
});

interface Running {
  readonly child: Child;
  readonly target: Target;
}

/** Servers live through all rounds of a workload: the peers take longer than one warm-up until they run at full speed. */
export async function runRounds(plan: Plan): Promise<Results> {
  const results: Results = { echo: new Map(), count: new Map(), report: new Map() };
  for (const workload of plan.workloads) {
    const servers = new Map<Variant, Running>();
    for (const variant of WORKLOADS[workload].variants)
      if (plan.only.includes(variant))
        servers.set(variant, await startServer(variant, `${plan.dataDir}/${workload}-${variant}`, plan.cpus));
    for (let round = 1; round <= plan.rounds; round++) {
      for (const [variant, running] of servers) {
        const result = await measure(plan, workload, running);
        results[workload].set(variant, [...(results[workload].get(variant) ?? []), result]);
        console.log(`round ${round}  ${workload.padEnd(7)}${variant.padEnd(8)} ${result.callsPerSecond.toFixed(0).padStart(7)} calls/s`);
      }
    }
    for (const { child } of servers.values()) await child.end("SIGKILL");
  }
  return results;
}

async function measure({ seconds, warmSeconds, cpus }: Plan, workload: Workload, { child, target }: Running): Promise<LoadResult> {
  const { connections } = WORKLOADS[workload];
  const textChars = TEXT_CHARS[target.revision];
  const job: LoadJob = { target, workload, connections, textChars, warmSeconds, seconds, serverPid: child.pid };
  const load = startNode([fileOf("../load.ts")], { cpu: cpus.load, input: JSON.stringify(job) });
  const result = (await load.firstJson) as unknown as LoadResult;
  await load.end();
  return result;
}

async function startServer(variant: Variant, dataDir: string, { server: cpu }: Cpus): Promise<Running> {
  const own = { remit: "remit", bare: "remit-bare" }[variant as string];
  // Plain JavaScript, all of them: a parser of TypeScript would be 10 MB that no installed server holds.
  const flags = own === undefined ? [] : [...NODE_FLAGS, ...(cpu === undefined ? [] : ONE_CPU_FLAGS)];
  const program = [...flags, fileOf(`../servers/${own ?? variant}.mjs`)];
  const child = startNode(program, { cpu, env: own === undefined ? {} : { REMIT_DATA: dataDir, ...START_ENV } });
  const { port, agent } = listening.parse(await child.firstJson);
  const revision = variant === "fastmcp" ? "2025-11-25" : "2026-07-28";
  const issuer = `http://127.0.0.1:${port}`;
  const token = agent === undefined ? {} : { token: await fetchToken({ issuer, resource: `${issuer}/mcp`, ...agent }) };
  return { child, target: { port, revision, ...token } };
}

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
