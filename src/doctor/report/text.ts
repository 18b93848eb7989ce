import type { Examination } from "../examine-server.ts";
import type { Step } from "../rules.ts";
import { clean, summaryOf } from "./clean.ts";

/** For a person at a terminal. */
export function formatText(examination: Examination): string {
  const { url, steps } = examination;
  const lines = steps.flatMap((step) => [`${stateOf(step).padEnd(7)}  ${step.title}`, ...inside(step)]);
  return [clean(url), "", ...lines, "", summaryOf(examination)].join("\n");
}

function stateOf({ findings, skipped }: Step): string {
  const worst = (["error", "warning", "info"] as const).find((severity) => findings.some((each) => each.severity === severity));
  return worst ?? (skipped.length > 0 ? "skipped" : "ok");
}

function inside({ findings, skipped }: Step): readonly string[] {
  return [
    ...findings.flatMap(({ rule, severity, about, detail, source, fix }) => [
      `  ${severity} ${rule}: ${about}`,
      `    Seen: ${clean(detail)}`,
      `    Fix: ${fix}`,
      `    Source: ${source}`,
    ]),
    ...skipped.map((why) => `  not looked at: ${clean(why)}`),
  ];
}
