import { readFile } from "node:fs/promises";
import { InvalidArgumentError, type Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import { failureCause } from "../orders.ts";
import { instant, table } from "../table.ts";

const cluster = z.object({
  id: z.string(),
  cause: failureCause,
  target: z.string(),
  path: z.string(),
  detail: z.string(),
  calls: z.number(),
  agents: z.array(z.string()),
  lastAt: z.number(),
  meant: z.string().optional(),
  likely: z.string(),
  fix: z.object({ kind: z.string(), text: z.string() }),
});

const replayed = z.object({ id: z.string(), fails: z.boolean(), says: z.string() });

interface ListOptions {
  readonly cause?: z.infer<typeof failureCause>;
  readonly tool?: string;
  readonly since?: number;
  readonly limit?: number;
  readonly workspace?: string;
  readonly json?: boolean;
}

export function addFailureCommands(program: Command): void {
  const failures = program.command("failures").description("Failures: what agents get wrong, and what would make it right.");
  addList(failures);
  failures
    .command("case")
    .description("Write the newest call of a cluster as a test case: remit failures case ID > file.json")
    .argument("<id>", "as shown by the list")
    .action(async (id: string) => console.log(JSON.stringify(await order({ order: "failures.case", id }), undefined, 2)));
  failures
    .command("replay")
    .description("Try cases against the tools as they are declared now. Nothing is run. Exit code 1 while one still fails.")
    .argument("<files...>", "files that remit failures case wrote")
    .option("--json", "print JSON")
    .action(replay);
}

function addList(failures: Command): void {
  failures
    .command("list", { isDefault: true })
    .description("Show the clusters, the most frequent first, with a proposed fix each.")
    .option("--cause <cause>", `one of ${failureCause.options.join(", ")}`, oneOfCauses)
    .option("--tool <name>", "calls of one tool, prompt or resource")
    .option("--since <time>", "clusters with a call in this time: 30m, 12h, 7d", duration)
    .option("--limit <count>", "how many at most", count)
    .option("--workspace <id>", "of one workspace only")
    .option("--json", "print JSON")
    .action(async ({ workspace, since, json, ...query }: ListOptions) => {
      const value = await order({ order: "failures.list", workspaceId: workspace, withinMs: since, ...query });
      if (json === true) return console.log(JSON.stringify(value));
      const clusters = z.array(cluster).parse(value);
      const rows = clusters.map((each) => {
        const place = [each.target, each.path, each.detail].filter(Boolean).join(" ");
        return [each.id, String(each.calls), each.cause, place, each.meant ?? "-", instant(each.lastAt)];
      });
      console.log(table(["CLUSTER", "CALLS", "CAUSE", "WHERE", "MEANT", "LAST"], rows));
      for (const { id, likely, fix } of clusters) console.log(`\n${id}\n  ${likely}\n  Fix (${fix.kind}): ${fix.text}`);
    });
}

async function replay(files: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  const results = [];
  for (const file of files) {
    const result = replayed.parse(await order({ order: "failures.replay", case: await readCase(file) }));
    results.push({ file, ...result });
    if (json !== true) console.log(`${result.fails ? "fails" : "fixed"}  ${file}  ${result.says}`);
  }
  if (json === true) console.log(JSON.stringify(results));
  if (results.some(({ fails }) => fails)) process.exitCode = EXIT.failed;
}

async function readCase(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new ExitError(EXIT.notFound, `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(given: string): number {
  const [, amount, unit = ""] = /^(\d{1,6})([mhd])$/.exec(given) ?? [];
  const unitMs = UNITS_MS[unit];
  if (amount === undefined || unitMs === undefined) throw new InvalidArgumentError("Use a number and m, h or d, such as 7d.");
  return Number(amount) * unitMs;
}

function count(given: string): number {
  if (!/^[1-9]\d{0,3}$/.test(given)) throw new InvalidArgumentError("Use a whole number from 1 on.");
  return Number(given);
}

function oneOfCauses(given: string): z.infer<typeof failureCause> {
  const found = failureCause.safeParse(given);
  if (!found.success) throw new InvalidArgumentError(`Use one of ${failureCause.options.join(", ")}.`);
  return found.data;
}
