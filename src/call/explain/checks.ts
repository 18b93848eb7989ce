import type { DecisionCheck, ScopeCatalogue, Target } from "../../tool/index.ts";
import { decide, type Verdict } from "../authorize.ts";
import { authorityOf, type Authority, type Limit } from "../policy/index.ts";

/** The decision about a target, and the checks that it went through, in order. */
export interface Checked {
  readonly verdict: Verdict;
  readonly checks: readonly DecisionCheck[];
}

/**
 * Takes a decision apart by asking the one function that makes it: what it refuses for is taken away, and it is asked again, until it
 * allows. So all that stands against a call is found, in the order in which the decision finds it, and no rule is written here a second time.
 */
export function checkDecision(authority: Authority, target: Target, catalogue: Pick<ScopeCatalogue, "declarations">): Checked {
  const verdict = decide(authority, target);
  const against: Verdict[] = [];
  let at: Authority | undefined = authority;
  let last = verdict;
  while (at !== undefined) {
    last = decide(at, target);
    if (last.allowed) break;
    against.push(last);
    at = without(at, last);
  }
  return {
    verdict,
    checks: [...refusals({ authority, target, catalogue }, against), approvalCheck(last, target), ...last.limits.map(limitCheck)],
  };
}

/** The authority with that gone which the verdict refuses for; undefined for what nothing can be taken away of. */
function without({ scopes, policy }: Authority, { rule, policyRule, missing }: Verdict): Authority | undefined {
  switch (rule) {
    case "killed":
      return policy.stops === undefined ? undefined : authorityOf(scopes, { ...policy, stops: undefined });
    case "read_only":
      return policy.readOnly === undefined ? undefined : authorityOf(scopes, { ...policy, readOnly: undefined });
    case "policy_denied": {
      const rulings = policy.rulings.filter(({ id }) => id !== policyRule);
      return rulings.length === policy.rulings.length ? undefined : authorityOf(scopes, { ...policy, rulings });
    }
    case "scope_missing": {
      const held = new Set([...scopes.held, ...missing]);
      return authorityOf({ granted: [...held], held, heldJson: JSON.stringify([...held]) }, policy);
    }
    default:
      return undefined;
  }
}

interface Judged {
  readonly authority: Authority;
  readonly target: Target;
  readonly catalogue: Pick<ScopeCatalogue, "declarations">;
}

function refusals(judged: Judged, against: readonly Verdict[]): DecisionCheck[] {
  const { authority, target } = judged;
  const by = (rule: Verdict["rule"]) => against.filter((verdict) => verdict.rule === rule);
  const denials = by("policy_denied");
  const effect = `the effect ${target.effect}`;
  const switched = by("read_only").map(({ policyRule }) => readOnlyCheck(effect, policyRule));
  const hasSwitch = authority.policy.readOnly !== undefined;
  const killed = by("killed").map(({ policyRule = "" }) => killCheck(policyRule));
  return [
    ...(killed.length > 0 ? killed : [pass("kill", "not stopped", "not stopped")]),
    ...(switched.length > 0 ? switched : [pass("read_only", effect, hasSwitch ? "reading only" : "no switch to reading only")]),
    ...(denials.length > 0 ? denials.map(denialCheck) : [pass("policy", "no rule that denies it", "no rule that denies it")]),
    scopesCheck(judged, by("scope_missing")[0]),
  ];
}

function killCheck(kill: string): DecisionCheck {
  const change = `An operator lifts it: remit kill lift ${kill}`;
  return { check: "kill", outcome: "fail", needs: "not stopped", has: `stopped by ${kill}`, change };
}

function readOnlyCheck(effect: string, policyRule: string | undefined): DecisionCheck {
  const has = policyRule === undefined ? "an address for reading only (readonly=1)" : `reading only, by the rule ${policyRule}`;
  const change = policyRule === undefined ? "Connect to the address without readonly=1." : removalOf(policyRule);
  return { check: "read_only", outcome: "fail", needs: effect, has, change };
}

function denialCheck({ policyRule }: Verdict): DecisionCheck {
  const rule = policyRule ?? "";
  return { check: "policy", outcome: "fail", needs: "no rule that denies it", has: `the rule ${rule}`, change: removalOf(rule) };
}

function removalOf(policyRule: string): string {
  return `An operator takes the rule ${policyRule} out of force: remit policy remove ${policyRule}`;
}

function scopesCheck({ authority, target, catalogue }: Judged, refused: Verdict | undefined): DecisionCheck {
  const held = [...authority.scopes.held].toSorted();
  const base = { check: "scopes", needs: listOf(target.scopes), has: listOf(held) } as const;
  if (refused === undefined) return { ...base, outcome: "pass" };
  const missing = refused.missing.map((scope) => {
    const role = catalogue.declarations[scope]?.role;
    return role === undefined ? scope : `${scope} (by a person with the role ${role} or above)`;
  });
  return { ...base, outcome: "fail", change: `Grant ${missing.join(", ")}.` };
}

function approvalCheck({ approvers, policyRule }: Verdict, { name }: Target): DecisionCheck {
  if (approvers === 0) return pass("approval", "nobody's", "nobody's");
  const people = approvers === 1 ? "one person" : `${approvers} people`;
  const change =
    policyRule === undefined
      ? `An operator lets it run without: remit policy set allow --tool ${name}. Or people approve each call.`
      : `${removalOf(policyRule)}. Or people approve each call.`;
  return { check: "approval", outcome: "ask", needs: `the approval of ${people}`, has: "none yet", change };
}

function limitCheck({ id, place, perSecond, perDay }: Limit): DecisionCheck {
  const often = [...(perSecond === undefined ? [] : [`${perSecond} a second`]), ...(perDay === undefined ? [] : [`${perDay} a day (UTC)`])];
  return pass(
    "limit",
    `no more than ${often.join(" and ")} of ${place === "*" ? "all tools together" : place}`,
    `the rule ${id} counts them`,
  );
}

function pass(check: DecisionCheck["check"], needs: string, has: string): DecisionCheck {
  return { check, outcome: "pass", needs, has };
}

/** Words, or a dash for none. */
export function listOf(words: readonly string[]): string {
  return words.length === 0 ? "none" : words.join(" ");
}
