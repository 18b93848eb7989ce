import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Finding, LintReport } from "../lint-tools.ts";

const MARKS = { error: "error  ", warning: "warning", info: "info   " } as const;
/** Above, a rule that is only for information is told in one line. */
const MAX_NAMES = 3;

/** For people: by rule, with the fix once. What is only for information takes one line a rule, unless all is asked for. */
export function formatText(report: LintReport, { isAll = false }: { readonly isAll?: boolean } = {}): string {
  const rules = [...Map.groupBy(report.findings, ({ rule }) => rule)].map(([, findings]) => findings);
  const { error, warning, info } = report.counts;
  const summary = `${report.tools} tools, ≈${report.tokens} tokens: ${count(error, "error")}, ${count(warning, "warning")}, ${info} for information${report.suppressed.length === 0 ? "" : `, ${report.suppressed.length} suppressed with a reason`}.`;
  return [...rules.map((findings) => describe(findings, report, isAll)), summary].map(safely).join("\n");
}

/** Other servers' texts: nothing of them may steer the terminal. */
function safely(text: string): string {
  return text.split("\n").map(escapeUnsafe).join("\n");
}

function describe(findings: readonly Finding[], { tools }: LintReport, isAll: boolean): string {
  const [first] = findings;
  if (first === undefined) return "";
  const isFolded = first.severity === "info" && findings.length > 1 && !isAll;
  const head = `${MARKS[first.severity]}  ${first.rule}`;
  if (isFolded) {
    const names = [...new Set(findings.map(({ tool, scope }) => tool ?? scope ?? ""))];
    const more = names.length > MAX_NAMES ? " …" : "";
    return `${head}: ${names.length} of ${tools} tools (${names.slice(0, MAX_NAMES).join(", ")}${more})\n           Fix: ${first.fix}\n`;
  }
  const lines = findings.map(({ tool, scope, parameter, message, severity }) => {
    const mark = severity === first.severity ? "" : `${severity}: `;
    const place = [tool ?? scope, parameter].filter((each) => each !== undefined).join(" ");
    return `           ${place === "" ? "" : `${place}: `}${mark}${message}`;
  });
  return [head, ...lines, `           Fix: ${first.fix}`, ""].join("\n");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
