/** The official conformance suite as a child process, and what it found. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const SUITE = fileURLToPath(new URL("../../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url));
const TIMEOUT_MS = 300_000;

const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

export interface Scenario {
  readonly name: string;
  /** Whether it counts for the revision, and is not only reported. */
  readonly isScored: boolean;
  /** The rule of the suite: no check failed. One that left no result has not passed. */
  readonly hasPassed: boolean;
  /** Checks that failed or warn, a line each. */
  readonly complaints: readonly string[];
}

export interface Outcome {
  readonly scenarios: readonly Scenario[];
  /** The suite's own verdict on the scored scenarios. */
  readonly isConformant: boolean;
}

/** Runs all that a revision requires of a server. */
export async function runRequired(url: string, revision: string): Promise<Outcome> {
  return withFolder(async (folder) => {
    const listed = await runSuite(["list", "--requirements", revision]);
    const run = await runSuite(["server", "--url", url, "--requirements", revision, "-o", folder]);
    const results = await readResults(folder);
    const scored = serverScenarios(listed.output);
    if (scored.length === 0) throw new Error(`the suite lists no scenarios for ${revision}:\n${listed.output}`);
    const others = [...results.keys()].filter((name) => !scored.includes(name));
    const scenarios = [...scored.map((name) => judge(name, true, results)), ...others.map((name) => judge(name, false, results))];
    return { scenarios, isConformant: run.code === 0 };
  });
}

/** Runs all that the suite has for a revision of which it requires nothing. */
export async function runEvery(url: string, revision: string): Promise<Pick<Outcome, "scenarios">> {
  return withFolder(async (folder) => {
    const { output } = await runSuite(["server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", folder]);
    const results = await readResults(folder);
    if (results.size === 0) throw new Error(`the suite ran nothing for ${revision}:\n${output}`);
    return { scenarios: [...results.keys()].map((name) => judge(name, false, results)) };
  });
}

/** Runs scenarios of extensions, which no revision lists. A check that is skipped has found nothing to look at, and has not passed. */
export async function runExtensions(url: string, revision: string, names: readonly string[]): Promise<Pick<Outcome, "scenarios">> {
  return withFolder(async (folder) => {
    for (const name of names)
      await runSuite(["server", "--url", url, "--scenario", name, "--spec-version", revision, "--force", "-o", folder]);
    const results = await readResults(folder);
    const hasSkipped = (name: string) => results.get(name)?.some(({ status }) => status === "SKIPPED") === true;
    const judged = names.map((name) => judge(name, false, results));
    return { scenarios: judged.map((scenario) => ({ ...scenario, hasPassed: scenario.hasPassed && !hasSkipped(scenario.name) })) };
  });
}

/** Runs one scenario by name, also one of an extension that no revision lists, and hands back what the suite printed. */
export function runScenario(url: string, name: string, version: string): Promise<Ran> {
  return runSuite(["server", "--url", url, "--scenario", name, "--spec-version", version, "--force", "--verbose"]);
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

function runSuite(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [SUITE, ...args], { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, output: stdout + stderr });
      else reject(error ?? new Error("the suite did not end"));
    });
  });
}

/** The names under the heading of the server scenarios. */
function serverScenarios(listing: string): string[] {
  const section = listing.split(/^(?=\S.*:$)/m).find((part) => part.startsWith("Server scenarios")) ?? "";
  return [...section.matchAll(/^ {2}- (\S+)$/gm)].map(([, name = ""]) => name);
}

async function readResults(folder: string): Promise<Map<string, z.infer<typeof Checks>>> {
  const results = new Map<string, z.infer<typeof Checks>>();
  for (const entry of await readdir(folder)) {
    // A folder is named server-SCENARIO-TIME.
    const name = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry)?.[1];
    if (name !== undefined) results.set(name, Checks.parse(JSON.parse(await readFile(join(folder, entry, "checks.json"), "utf8"))));
  }
  return results;
}

function judge(name: string, isScored: boolean, results: ReadonlyMap<string, z.infer<typeof Checks>>): Scenario {
  const checks = results.get(name);
  const failed = checks?.filter(({ status }) => status === "FAILURE") ?? [];
  const warning = checks?.filter(({ status }) => status === "WARNING") ?? [];
  return {
    name,
    isScored,
    hasPassed: checks !== undefined && failed.length === 0,
    complaints: [...failed, ...warning].map(({ id, status, errorMessage }) => `${status} ${id}: ${errorMessage ?? ""}`),
  };
}

async function withFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), "remit-conformance-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
