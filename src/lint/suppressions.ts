import * as z from "zod";
import type { Suppression } from "../tool/index.ts";
import type { LintReport } from "./lint-tools.ts";
import { RULES } from "./rules/index.ts";

const known = new Set(RULES.map(({ id }) => id));
const suppression = z.strictObject({
  rule: z.string().refine((rule) => known.has(rule), { error: "no rule of this name" }),
  tool: z.string().optional(),
  parameter: z.string().optional(),
  scope: z.string().optional(),
  reason: z.string().trim().min(8, { error: "say why, in a sentence" }),
});
const baseline = z.strictObject({ suppressions: z.array(suppression) });

/** The suppressions of a baseline file, or what is wrong with it. Each has to name its rule and its reason. */
export function parseBaseline(text: string): readonly Suppression[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  const parsed = baseline.safeParse(value);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return parsed.data.suppressions.map(({ rule, tool, parameter, scope, reason }) => ({
    rule,
    reason,
    ...(tool === undefined ? {} : { tool }),
    ...(parameter === undefined ? {} : { parameter }),
    ...(scope === undefined ? {} : { scope }),
  }));
}

/** A baseline that accepts everything that was found but what is only for information. */
export function baselineOf({ findings, suppressed }: LintReport, reason: string): string {
  const found = findings.filter(({ severity }) => severity !== "info").map((finding) => ({ ...finding, reason }));
  const suppressions = [...suppressed, ...found].map(({ rule, tool, parameter, scope, reason }) => ({
    rule,
    tool,
    parameter,
    scope,
    reason,
  }));
  return `${JSON.stringify({ suppressions }, null, 2)}\n`;
}

/** What is wrong with the suppressions of a declaration, a sentence each. */
export function problemsOf(suppressions: readonly Suppression[]): readonly string[] {
  return suppressions.flatMap((each) => {
    const parsed = suppression.safeParse(each);
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `lint: ${each.rule}: ${path.join(".")}: ${message}`);
  });
}
