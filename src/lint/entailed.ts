import type { Finding } from "./lint-tools.ts";

/** What follows from a finding at the same place, and would only say it again. */
const ENTAILS: Readonly<Record<string, string>> = {
  "name-charset": "name-client-limit name-mixed-style",
  "name-near": "overlap",
  "desc-missing": "desc-short desc-restates-name desc-no-when desc-no-return desc-no-warning",
  "desc-placeholder": "desc-short desc-restates-name desc-no-when desc-no-return desc-no-warning",
  "desc-restates-name": "desc-short desc-no-when desc-no-return desc-no-warning",
  "desc-short": "desc-no-when desc-no-return",
  "desc-omits-required": "param-undocumented",
  "param-untyped": "param-date-format param-open-object param-unbounded",
  "param-array-items": "param-unbounded",
  "param-open-object": "no-examples",
  "schema-root": "schema-open schema-no-required schema-root-union no-examples",
  "schema-required-unknown": "example-invalid",
  "annot-conflict": "annot-lie",
  "scope-unknown": "scope-read-on-write",
  "tokens-tool": "desc-long",
};

const GROUPS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(ENTAILS).map(([rule, entailed]) => [rule, entailed.split(" ")]),
);

/** Without what follows from another finding of the same tool, parameter or pair. */
export function withoutEntailed(findings: readonly Finding[]): readonly Finding[] {
  const entailed = new Set<string>();
  for (const finding of findings) {
    for (const rule of GROUPS[finding.rule] ?? []) entailed.add(keyOf(rule, finding));
  }
  return findings.filter((finding) => !entailed.has(keyOf(finding.rule, finding)));
}

function keyOf(rule: string, { tool, parameter, other }: Finding): string {
  return JSON.stringify([rule, tool, rule.startsWith("param-") ? parameter : "", rule === "overlap" ? other : ""]);
}
