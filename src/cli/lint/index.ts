/** The command that tells whether tools are ones that agents get right. */
import { writeFile } from "node:fs/promises";
import { Option, type Command } from "commander";
import type { LintReport, Source } from "../../lint/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { version } from "../version.ts";
import { readCatalogue } from "./read-catalogue.ts";

const FORMATS = ["text", "json", "sarif", "github"] as const;
const SEVERITIES = ["error", "warning", "info"] as const;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly json?: boolean;
  readonly failOn: (typeof SEVERITIES)[number];
  readonly maxWarnings: number;
  readonly token?: string;
  readonly header: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly explain?: string;
  readonly all?: boolean;
}

const HELP = `
What can be linted:
  (nothing)     the tools of this project (remit.surface in package.json), or else those that Remit ships with
  FILE.ts       a module (.ts .js .mts .mjs) whose default export, whose export "surface", or whose own exports have scopes and tools;
                it is imported, so it must not start a server
  FILE.json     a recorded tools/list: the answer, its result, or the list of tools
  URL           any MCP server over HTTP; only tools/list is asked

Exit codes: 0 nothing found, 1 findings, 2 wrong usage or nothing that could be read.`;

export function addLintCommand(program: Command): void {
  program
    .command("lint")
    .description("Tell whether tools are ones that agents get right: names, descriptions, schemas, annotations, scopes.")
    .argument("[source]", "URL of an MCP server, a module of declarations, or a recorded tools/list")
    .addOption(new Option("--format <format>", "how findings are told").choices(FORMATS).default("text"))
    .option("--json", "print JSON, as --format json does")
    .addOption(new Option("--fail-on <severity>", "the least severity that makes the exit code 1").choices(SEVERITIES).default("warning"))
    .option("--max-warnings <count>", "so many warnings are let through", parseCount, 0)
    .option("--token <token>", "sent to the URL as a bearer token; REMIT_TOKEN without")
    .option("--header <header>", 'sent to the URL, "Name: value"; may be given more than once', collect, [])
    .option("--baseline <file>", "findings that are accepted, each with a reason")
    .option("--write-baseline <file>", "write a file that accepts all errors and warnings, to begin with")
    .option("--explain <rule>", "tell what a rule finds and how to mend it")
    .option("--all", "tell each finding that is only for information, not one line a rule")
    .addHelpText("after", HELP)
    .action(lint);
}

async function lint(given: string | undefined, options: Options): Promise<void> {
  if (options.explain !== undefined) return explain(options.explain, options.json === true);
  const { lintTools, problemsOf, baselineOf } = await import("../../lint/index.ts");
  const { catalogue, source } = await readCatalogue(given, options);
  const problems = problemsOf(catalogue.suppressions ?? []);
  if (problems.length > 0) throw new ExitError(EXIT.usage, problems.join("\n"));
  const report = lintTools(catalogue);
  if (options.writeBaseline !== undefined) {
    await writeFile(options.writeBaseline, baselineOf(report, "Found when the baseline was begun; to be looked at."));
    console.error(`${options.writeBaseline} accepts what was found. Give it with --baseline.`);
    return;
  }
  const text = await told(report, source, options);
  if (text !== "") console.log(text);
  for (const { rule, tool, reason } of report.unused)
    console.error(`A suppression is not needed any more: ${[rule, tool].filter(Boolean).join(" ")} (${reason})`);
  if (isFailed(report, options)) process.exitCode = EXIT.failed;
}

function isFailed({ counts }: LintReport, { failOn, maxWarnings }: Options): boolean {
  if (counts.error > 0) return true;
  if (failOn === "error") return false;
  return counts.warning > maxWarnings || (failOn === "info" && counts.info > 0);
}

async function told(report: LintReport, source: Source, { format, json, all }: Options): Promise<string> {
  const { formatGithub, formatJson, formatSarif, formatText } = await import("../../lint/index.ts");
  switch (json === true ? "json" : format) {
    case "json":
      return formatJson(report, source.uri);
    case "sarif":
      return formatSarif(report, source, version);
    case "github":
      return formatGithub(report, source);
    default:
      return formatText(report, { isAll: all === true });
  }
}

async function explain(id: string, isJson: boolean): Promise<void> {
  const { RULES } = await import("../../lint/index.ts");
  const { didYouMean } = await import("../../lib/did-you-mean.ts");
  const rule = RULES.find((each) => each.id === id);
  if (rule === undefined) {
    const near = didYouMean(
      id,
      RULES.map((each) => each.id),
    );
    throw new ExitError(EXIT.usage, `There is no rule ${id}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
  }
  const { group, severity, about, fix } = rule;
  console.log(isJson ? JSON.stringify({ rule: id, group, severity, about, fix }) : `${id} (${severity}, ${group})\n${about}\nFix: ${fix}`);
}

function parseCount(given: string): number {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 0) throw new ExitError(EXIT.usage, `--max-warnings takes a whole number, not ${given}.`);
  return count;
}

function collect(given: string, before: readonly string[]): readonly string[] {
  return [...before, given];
}
