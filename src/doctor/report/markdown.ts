import type { Examination } from "../examine-server.ts";
import { clean, count, summaryOf } from "./clean.ts";

/** For others: a page that can be pasted into an issue. */
export function formatMarkdown(examination: Examination): string {
  const { url, findings, steps } = examination;
  const parts = findings.flatMap(({ rule, severity, about, detail, source, fix }) => [
    `## ${severity}: ${about}`,
    "",
    `- Seen: ${quote(detail)}`,
    `- Fix: ${fix}`,
    `- Source: ${source}`,
    `- Rule: \`${rule}\``,
    "",
  ]);
  const rows = steps.map(({ title, findings: inside, skipped }) => {
    const state = inside.length > 0 ? count(inside.length, "finding") : skipped.length > 0 ? "not looked at" : "ok";
    return `| ${title} | ${state} | ${skipped.map(cell).join("; ")} |`;
  });
  return [
    `# ${quote(url)} examined by remit doctor`,
    "",
    summaryOf(examination),
    "",
    ...parts,
    "## What was looked at",
    "",
    "| Part | Result | Left out |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** As code, so that nothing that the other side sent is read as Markdown. */
function quote(text: string): string {
  return `\`${clean(text).replaceAll("`", "'")}\``;
}

function cell(text: string): string {
  return quote(text).replaceAll("|", "/");
}
