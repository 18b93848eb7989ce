import { createHash } from "node:crypto";
import type { Finding, LintReport, Suppressed } from "../lint-tools.ts";
import type { Severity } from "../rule.ts";
import { RULES } from "../rules/index.ts";
import { lineOf, type Source } from "./source.ts";

const LEVELS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

/** SARIF 2.1.0, as code scanning takes it: every rule with its help, every finding with its place; what is suppressed says why. */
export function formatSarif(report: LintReport, source: Source, version: string): string {
  const rules = RULES.map(({ id, group, severity, about, fix }) => ({
    id,
    shortDescription: { text: about },
    help: { text: fix },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: [group] },
  }));
  const results = [
    ...report.findings.map((finding) => resultOf(finding, source)),
    ...report.suppressed.map((finding) => ({ ...resultOf(finding, source), suppressions: [suppressionOf(finding)] })),
  ];
  const run = { tool: { driver: { name: "remit lint", version, rules } }, columnKind: "utf16CodeUnits", results };
  return JSON.stringify({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] });
}

function suppressionOf({ reason }: Suppressed) {
  return { kind: "external", justification: reason };
}

function resultOf(finding: Finding, source: Source) {
  const { rule, severity, message, fix, tool, parameter, scope, other } = finding;
  const name = [tool ?? scope, parameter].filter((each) => each !== undefined).join(".");
  const logical =
    name === "" ? {} : { logicalLocations: [{ fullyQualifiedName: name, kind: parameter === undefined ? "function" : "parameter" }] };
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: LEVELS[severity],
    message: { text: `${message} ${fix}` },
    locations: [
      { physicalLocation: { artifactLocation: { uri: source.uri }, region: { startLine: lineOf(source, tool ?? scope) } }, ...logical },
    ],
    // The same finding has the same print whatever moved around it.
    partialFingerprints: {
      "remit/v1": createHash("sha256")
        .update(JSON.stringify([rule, tool, parameter, scope, other]))
        .digest("hex"),
    },
  };
}
