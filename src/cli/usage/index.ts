import { InvalidArgumentError, Option, type Command } from "commander";
import * as z from "zod";
import { systemClock } from "../../lib/clock.ts";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";
import { usageBy, usageEvery, usageSort } from "../usage-orders/index.ts";
import { csv } from "./csv.ts";

const figures = z.object({
  calls: z.number(),
  failed: z.number(),
  refused: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  meanMs: z.number().nullable(),
  p50Bytes: z.number().nullable(),
  p95Bytes: z.number().nullable(),
  lastAt: z.number().nullable(),
});

const group = figures.extend({
  key: z.string(),
  search: z.string().optional(),
  series: z.object({ calls: z.array(z.number().nullable()), failed: z.array(z.number().nullable()) }).optional(),
});

const found = z.object({
  since: z.number(),
  until: z.number(),
  countedFrom: z.number().nullable(),
  by: z.string(),
  total: figures,
  groups: z.array(group),
  omitted: z.number(),
  starts: z.array(z.number()).optional(),
});

const unused = z.object({ tools: z.array(z.string()), scopes: z.array(z.string()), since: z.number(), countedFrom: z.number().nullable() });

type Found = z.infer<typeof found>;
type Group = z.infer<typeof group>;

interface Options {
  readonly since?: number;
  readonly until?: number;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export function addUsageCommands(program: Command): void {
  const usage = program.command("usage").description("Usage: how much is called, by whom, and how it goes.");
  const show = usage
    .command("show", { isDefault: true })
    .description("Show calls by tool, or by something else.")
    .addOption(new Option("--by <what>", "what calls are told apart by").choices(usageBy.options))
    .addOption(new Option("--sort <order>", "which come first").choices(usageSort.options));
  for (const [name, text] of FILTERS) show.option(`--${name} <value>`, text);
  show
    .option("--since <time>", "an instant, or how long ago: 30m, 12h, 7d; 24h without", ago)
    .option("--until <time>", "as --since; now without", ago)
    .addOption(new Option("--every <time>", "a series instead, one number for each of these").choices(usageEvery.options))
    .option("--limit <count>", "how many at most", count)
    .option("--workspace <id>", "needed when there is more than one")
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .option("--json", "print JSON")
    .action(async ({ json, csv: isCsv, workspace: workspaceId, ...query }: Options) => {
      const value = await order({ order: "usage.query", workspaceId, ...query });
      if (json === true) return console.log(JSON.stringify(value));
      print(found.parse(value), isCsv === true);
    });
  usage
    .command("unused")
    .description("List tools and scopes that no call used.")
    .option("--agent <id>", "of what this agent was granted")
    .option("--since <time>", "an instant, or how long ago; 30d without", ago)
    .option("--workspace <id>", "needed when there is more than one")
    .option("--json", "print JSON")
    .action(async ({ json, workspace: workspaceId, ...query }: Options) => {
      const value = await order({ order: "usage.unused", workspaceId, ...query });
      if (json === true) return console.log(JSON.stringify(value));
      const { tools, scopes, since, countedFrom } = unused.parse(value);
      const rows = [...tools.map((name) => ["tool", name]), ...scopes.map((name) => ["scope", name])];
      console.log(table(["UNUSED", "NAME"], rows));
      warn(since, countedFrom);
    });
}

const FILTERS: readonly (readonly [string, string])[] = [
  ["tool", "calls of one tool, prompt, resource or skill"],
  ["method", "calls of one method, such as tools/list"],
  ["agent", "calls of one agent"],
  ["user", "calls for one person"],
  ["environment", "calls in one environment"],
  ["outcome", "calls that ended so, such as ok or refused"],
  ["reason", "calls that were refused for this"],
  ["client", "calls through one client, name/version; not together with tool, method or user"],
  ["protocol", "calls in one revision of MCP; as client"],
];

const HEADS = ["CALLS", "FAILED", "REFUSED", "P50 MS", "P95 MS", "P99 MS", "P95 BYTES", "LAST"];

function print({ by, groups, total, omitted, starts, since, countedFrom }: Found, isCsv: boolean): void {
  const lines = starts === undefined ? groups.map(cellsOf) : seriesLines(groups, starts, isCsv);
  const times = starts?.map((at) => (isCsv ? new Date(at).toISOString() : instant(at)));
  if (isCsv) {
    const heads = [by, ...(times ?? ["calls", "failed", "refused", "p50_ms", "p95_ms", "p99_ms", "p95_bytes", "last_at"])];
    process.stdout.write(csv([heads, ...(starts === undefined ? groups.map(csvCellsOf) : lines)]));
    return;
  }
  if (times === undefined) console.log(table([by.toUpperCase(), ...HEADS], [...lines, cellsOf({ ...total, key: "all" })]));
  else console.log(table(["TIME", ...groups.map(({ key }) => key || "-")], lines));
  if (omitted > 0) console.error(`${omitted} more: --limit`);
  warn(since, countedFrom);
}

function cellsOf({ key, calls, failed, refused, p50Ms, p95Ms, p99Ms, p95Bytes, lastAt }: Group): string[] {
  const numbers = [calls, failed, refused, p50Ms, p95Ms, p99Ms, p95Bytes].map((value) => (value === null ? "-" : String(value)));
  return [key || "-", ...numbers, instant(lastAt)];
}

function csvCellsOf({ key, calls, failed, refused, p50Ms, p95Ms, p99Ms, p95Bytes, lastAt }: Group): string[] {
  const numbers = [calls, failed, refused, p50Ms, p95Ms, p99Ms, p95Bytes].map((value) => (value === null ? "" : String(value)));
  return [key, ...numbers, lastAt === null ? "" : new Date(lastAt).toISOString()];
}

/** In a table a line for each time, since there are many; in CSV one for each group. */
function seriesLines(groups: readonly Group[], starts: readonly number[], isCsv: boolean): string[][] {
  const none = isCsv ? "" : "-";
  const shown = (value: number | null | undefined) => (value === null || value === undefined ? none : String(value));
  if (isCsv) return groups.map(({ key, series }) => [key, ...starts.map((_, i) => shown(series?.calls[i]))]);
  return starts.map((at, i) => [instant(at), ...groups.map(({ series }) => shown(series?.calls[i]))]);
}

function warn(since: number, countedFrom: number | null): void {
  if (countedFrom === null) console.error("Nothing was counted yet.");
  else if (countedFrom > since) console.error(`Counted from ${instant(countedFrom)} on; of before nothing is known.`);
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An instant, or how long ago it was, in epoch milliseconds. */
function ago(given: string): number {
  const [, amount, unit = ""] = /^(\d{1,6})([mhd])$/.exec(given) ?? [];
  if (amount !== undefined) return systemClock() - Number(amount) * (UNITS_MS[unit] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError("Use a number and m, h or d, such as 7d, or an instant such as 2026-01-31T12:00Z.");
  return at;
}

function count(given: string): number {
  if (!/^[1-9]\d{0,3}$/.test(given)) throw new InvalidArgumentError("Use a whole number from 1 on.");
  return Number(given);
}
