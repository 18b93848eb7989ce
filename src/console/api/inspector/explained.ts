import type { DecisionExplanation } from "../../../tool/index.ts";
import type { Explained } from "../../contract.ts";

const RULES: Readonly<Record<string, string>> = {
  all_scopes_held: "Every scope that it asks for is held.",
  authenticated: "Every caller that is let in may ask for it.",
  scope_missing: "A scope that it asks for is missing.",
  needs_approval: "People must approve it first.",
  policy_denied: "A rule of the workspace's policy says no.",
  read_only: "The access is limited to reading.",
  killed: "It was stopped with the kill switch.",
};

/** An explanation as the Inspector shows it. */
export function explainedOf({ rule, checks, passes, outcome, reason }: DecisionExplanation): Explained {
  const failed = checks.find((check) => check.outcome === "fail");
  // Arguments that do not fit are an error of the call: it was let through to be told so.
  const isDenied = outcome === undefined ? !passes : outcome === "refused";
  const words = RULES[rule] ?? rule;
  const isElsewhere = isDenied && rule in RULES && (rule === "all_scopes_held" || rule === "needs_approval") && failed !== undefined;
  return {
    allowed: !isDenied,
    rule: isElsewhere
      ? `It needs ${failed.needs}; it has ${failed.has}.`
      : `${words}${isDenied && reason !== undefined ? ` (${reason})` : ""}`,
    checks: checks.map(({ check, outcome: came, needs, has, change }) => {
      return { check, outcome: came, needs, has, ...(change === undefined ? {} : { change }) };
    }),
  };
}
