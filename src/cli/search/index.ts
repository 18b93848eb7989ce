import type { Command } from "commander";
import type { AuditRecord } from "../../audit/index.ts";
import { systemClock } from "../../lib/clock.ts";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import { EXIT, ExitError } from "../exit.ts";
import { openLedger } from "../load.ts";

interface SearchOptions {
  readonly limit: string;
  readonly before?: string;
  readonly json?: boolean;
}

/** Adds `search` to the commands of the ledger; `describe` is a record as a line for a person. */
export function addSearchCommand(audit: Command, describe: (record: AuditRecord) => string): void {
  audit
    .command("search")
    .description("Find records, newest first, such as: tool:create_organization outcome:refused since:2h")
    .argument(
      "<query...>",
      "tool: agent: user: decision: grant: reason: outcome: scope: trace: event: since: until: …; VALUE* is a beginning",
    )
    .option("-n, --limit <count>", "how many at most", "100")
    .option("--before <seq>", "only records older than this one")
    .option("--json", "print JSON Lines")
    .action((query: readonly string[], options: SearchOptions) => search(query.map(quoted).join(" "), options, describe));
}

async function search(query: string, options: SearchOptions, describe: (record: AuditRecord) => string): Promise<void> {
  const limit = wholeNumber("--limit", options.limit);
  const beforeSeq = options.before === undefined ? undefined : wholeNumber("--before", options.before);
  const audit = await openLedger();
  try {
    const found = await audit.search(query, { limit, beforeSeq, nowMs: systemClock() });
    if ("problems" in found) throw new ExitError(EXIT.usage, found.problems.join("\n"));
    // Parts of a record come from outside: nothing of them may steer the terminal.
    for (const record of found.records) console.log(escapeUnsafe(options.json === true ? JSON.stringify(record) : describe(record)));
    if (found.nextBeforeSeq !== undefined) console.error(`There may be more: --before ${found.nextBeforeSeq}`);
  } finally {
    await audit.close();
  }
}

/** The shell took the quotes from a value with spaces; it gets them back. */
function quoted(term: string): string {
  const [, field, value] = /^([a-z]+):(.*\s.*)$/.exec(term) ?? [];
  return field === undefined || value?.includes('"') === true ? term : `${field}:"${value}"`;
}

function wholeNumber(option: string, given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new ExitError(EXIT.usage, `${option} takes a whole number of at least 1.`);
  return value;
}
