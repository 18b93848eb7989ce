import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { startNode, type Child } from "./child.ts";

/** The command line of the product, as `npm start` runs it: built. */
export const CLI = fileURLToPath(new URL("../dist/cli/launch.js", import.meta.url));
/** How `npm start` has Node keep its memory small; see docs/guide/running.md. */
const START_FLAGS = ["--min-semi-space-size=4", "--max-semi-space-size=8"];
export const START_ENV = { MALLOC_ARENA_MAX: "1" };
/** The same for a server of one's own; `npm start` sees to what is further by itself. */
export const NODE_FLAGS = [...START_FLAGS, "--no-maglev"];
export const ONE_CPU_FLAGS = ["--no-parallel-scavenge"];

const line = z.object({
  event: z.literal("listening"),
  mcp: z.url(),
  issuer: z.url(),
  agent: z.object({ client_id: z.string(), client_secret: z.string() }).nullable(),
  /** Signs the owner of the demo workspace in, once; null on a folder that was used before. */
  sign_in: z.url().nullable(),
});

export type Listening = z.infer<typeof line>;

export interface ProductOptions {
  readonly port: number;
  readonly dataDir: string;
  readonly cpu?: number | undefined;
  /** Further flags of Node. */
  readonly flags?: readonly string[];
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the product on a data folder; with limits out of the way, since one agent makes all calls. */
export function startProduct({ port, dataDir, cpu, flags = [], env }: ProductOptions): Child & { readonly listening: Promise<Listening> } {
  const child = startNode([...START_FLAGS, ...flags, CLI, "start", "--json"], {
    cpu,
    env: { ...START_ENV, ...productEnv({ port, dataDir }), ...env },
  });
  const listening = child.firstJson.then((first) => line.parse(first));
  listening.catch(() => {});
  return { ...child, listening };
}

export function productEnv({ port, dataDir }: Pick<ProductOptions, "port" | "dataDir">): Readonly<Record<string, string>> {
  return {
    HOST: "127.0.0.1",
    PORT: String(port),
    REMIT_DATA: dataDir,
    REMIT_LOG_LEVEL: "warn",
    REMIT_RATE_PER_SECOND: "1000000",
    REMIT_RATE_BURST: "1000000",
  };
}

/**
 * A new data folder beside the code, because the folder for temporary files may be in memory, where fsync costs nothing. It is
 * removed with this process, unless that failed.
 */
export function makeDataDir(): string {
  const cache = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  fs.mkdirSync(cache, { recursive: true });
  const dir = fs.mkdtempSync(path.join(cache, "remit-bench-"));
  process.once("exit", (code) => {
    if (code === 1) console.error(`The data folder is kept: ${dir}`);
    else fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  return dir;
}
