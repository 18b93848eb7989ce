import type { LintReport } from "../lint-tools.ts";

/** For programs. The members are listed in docs/reference/lint.md. */
export function formatJson(report: LintReport, source: string): string {
  const { tools, tokens, score, counts, findings, suppressed, unused } = report;
  return JSON.stringify({ version: 1, source, tools, tokens, score, counts, findings, suppressed, unused });
}
