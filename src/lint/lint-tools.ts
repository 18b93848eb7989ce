import type { Suppression } from "../tool/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { withoutEntailed } from "./entailed.ts";
import { viewOf, type Group, type Hit, type Severity } from "./rule.ts";
import { listTokens, RULES } from "./rules/index.ts";

/** Something to mend. */
export interface Finding extends Omit<Hit, "severity"> {
  readonly rule: string;
  readonly group: Group;
  readonly severity: Severity;
  readonly fix: string;
}

export interface Suppressed extends Finding {
  readonly reason: string;
}

export interface LintReport {
  readonly tools: number;
  /** About what the whole list costs a model. */
  readonly tokens: number;
  /** In the order of the rules, then of the tools. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  /** Suppressions that nothing was found for. */
  readonly unused: readonly Suppression[];
  readonly counts: Readonly<Record<Severity, number>>;
  /** Of the tools, how many in a hundred have neither an error nor a warning. */
  readonly score: number;
}

/** Holds tools to all rules. Deterministic, and without any I/O. */
export function lintTools(catalogue: Catalogue): LintReport {
  const view = viewOf(catalogue);
  const all = RULES.flatMap((rule) =>
    [...rule.check(view)].map((hit): Finding => ({ severity: rule.severity, ...hit, rule: rule.id, group: rule.group, fix: rule.fix })),
  );
  const { suppressions = [] } = catalogue;
  const used = new Set<Suppression>();
  const findings: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of withoutEntailed(all)) {
    const by = suppressions.find((each) => covers(each, finding));
    if (by === undefined) findings.push(finding);
    else {
      used.add(by);
      suppressed.push({ ...finding, reason: by.reason });
    }
  }
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const marred = new Set(findings.flatMap(({ tool, severity }) => (tool === undefined || severity === "info" ? [] : [tool])));
  const { length } = catalogue.tools;
  return {
    tools: length,
    tokens: listTokens(catalogue.tools),
    findings,
    suppressed,
    unused: suppressions.filter((each) => !used.has(each)),
    counts: { error: count("error"), warning: count("warning"), info: count("info") },
    score: length === 0 ? 100 : Math.round((100 * (length - marred.size)) / length),
  };
}

/** A suppression is for one rule, and for all of its findings but where it names a tool, a parameter or a scope. */
function covers({ rule, tool, parameter, scope }: Suppression, finding: Finding): boolean {
  return (
    rule === finding.rule &&
    (tool === undefined || tool === finding.tool || tool === finding.other) &&
    (parameter === undefined || parameter === finding.parameter) &&
    (scope === undefined || scope === finding.scope)
  );
}
