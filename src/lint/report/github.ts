import type { LintReport } from "../lint-tools.ts";
import type { Severity } from "../rule.ts";
import { lineOf, type Source } from "./source.ts";

const COMMANDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/** Workflow commands of GitHub Actions, a line for each error and warning: they show beside the lines of a change. */
export function formatGithub({ findings }: LintReport, source: Source): string {
  return findings
    .filter(({ severity }) => severity !== "info")
    .map(({ rule, severity, message, fix, tool, scope }) => {
      const place = `file=${property(source.uri)},line=${lineOf(source, tool ?? scope)},title=${property(rule)}`;
      return `::${COMMANDS[severity]} ${place}::${data(`${tool ?? scope ?? "tools"}: ${message} ${fix}`)}`;
    })
    .join("\n");
}

/** Nothing in a text may begin another command. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
