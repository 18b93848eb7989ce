import type { LoadResult } from "../generator/lanes.ts";
import { median } from "../median.ts";
import type { Results, Variant } from "./rounds.ts";
import type { Workload } from "./workload.ts";

const TITLES: Readonly<Record<Variant, string>> = {
  limit: "node:http, parse and answer",
  sdk: "official SDK 2.4, no auth",
  fastmcp: "FastMCP, no auth, 2025-11-25",
  bare: "Remit without ledger, roll-ups and spans",
  remit: "Remit, everything on",
};
/** What the rates are compared with, and what a call is. */
const WORKLOAD_TITLES: Readonly<Record<Workload, { readonly title: string; readonly base: Variant }>> = {
  echo: { title: "Small call", base: "limit" },
  count: { title: "Streamed call: 10 progress events and a result", base: "sdk" },
  report: { title: "Structured result of 1 MB, one call at a time", base: "sdk" },
};
/** A generator busier than this might be what is measured. */
const MAX_GENERATOR_BUSY = 0.85;
/** The limit never waits for anything, so a server of it that got less CPU shared it with work that is not ours. */
const MIN_LIMIT_BUSY = 0.93;
/** How many times as fast as the SDK a streamed call has to be. */
const STREAM_TARGET = 4;

function medianOf(results: Map<Variant, LoadResult[]>, variant: Variant, figure: keyof LoadResult): number {
  return median((results.get(variant) ?? []).map((result) => result[figure]));
}

export function printTables(results: Results): void {
  for (const workload of ["echo", "count", "report"] as const) if (results[workload].size > 0) printTable(workload, results[workload]);
  const limitBusy = Math.min(...(results.echo.get("limit") ?? []).map((result) => result.serverBusy));
  if (limitBusy < MIN_LIMIT_BUSY)
    console.log(
      `\nOther work on this machine took up to ${((1 - limitBusy) * 100).toFixed(0)}% of the servers' CPU: repeat this when it is quiet.`,
    );
}

function printTable(workload: Workload, results: Map<Variant, LoadResult[]>): void {
  const { title, base } = WORKLOAD_TITLES[workload];
  const head = ["calls/s", `of ${base}`, "p50 ms", "p99 ms", "RSS MB", "CPU µs/call", "CPU used", "answer B"];
  console.log(`\n${title.padEnd(50)}${head.map((name) => name.padStart(12)).join("")}`);
  for (const variant of results.keys()) {
    const of = (figure: keyof LoadResult) => medianOf(results, variant, figure);
    const cells = [
      of("callsPerSecond").toFixed(0),
      text(of("callsPerSecond") / medianOf(results, base, "callsPerSecond"), 2),
      of("p50Ms").toFixed(2),
      of("p99Ms").toFixed(2),
      text(of("serverRssMb"), 0),
      text(of("serverCpuUsPerCall"), 1),
      text(of("serverBusy"), 2),
      of("answerBytes").toFixed(0),
    ];
    console.log(`${TITLES[variant].padEnd(50)}${cells.map((cell) => cell.padStart(12)).join("")}`);
  }
  const busy = Math.max(...[...results.values()].flat().map((result) => result.generatorBusy));
  const warning = busy > MAX_GENERATOR_BUSY ? `: it may be the bottleneck, so the ratio to ${base} says less than it seems` : "";
  console.log(`The load generator used at most ${(busy * 100).toFixed(0)}% of its CPU${warning}.`);
}

/** The line that scripts read. */
export function summary({ echo, count, report }: Results, startMs: number): string {
  const ratio = (results: Map<Variant, LoadResult[]>, base: Variant) =>
    medianOf(results, "remit", "callsPerSecond") / medianOf(results, base, "callsPerSecond");
  const stream = ratio(count, "sdk");
  const figures = {
    limit_ratio: text(ratio(echo, "limit"), 2),
    sdk_ratio: text(ratio(echo, "sdk"), 2),
    evidence_ratio: text(ratio(echo, "bare"), 2),
    rss_mb: text(medianOf(echo, "remit", "serverRssMb"), 0),
    start_ms: text(startMs, 0),
    p99_ms: text(medianOf(echo, "remit", "p99Ms"), 2),
    stream_ratio: `${text(stream, 2)}${stream < STREAM_TARGET ? `(below ${STREAM_TARGET})` : ""}`,
    large_ms: text(medianOf(report, "remit", "p50Ms"), 1),
    large_p99_ms: text(medianOf(report, "remit", "p99Ms"), 1),
    large_sdk_ms: text(medianOf(report, "sdk", "p50Ms"), 1),
  };
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function text(value: number, digits: number): string {
  return Number.isNaN(value) ? "n/a" : value.toFixed(digits);
}
