import type { PolicyRuleRow } from "../../store/index.ts";
import { intersect, placeOf, type Limit, type Policy, type Ruling } from "./policy.ts";

/** Puts the rules of a workspace that speak about one agent together. `rules` are those for every agent and its own. */
export function compilePolicy(rules: readonly PolicyRuleRow[], base: Policy): Policy {
  const sorted = rules.toSorted((a, b) => weightOf(b) - weightOf(a));
  const own = sorted.filter(({ client_id }) => client_id !== null);
  const common = sorted.filter(({ client_id }) => client_id === null);
  const limits = limitsOf(sorted);
  const overall = limits.find(({ place }) => place === "*");
  const readOnly = sorted.find(({ action }) => action === "read_only");
  return {
    stamp: [base.stamp, ...sorted.map(({ id }) => id)].filter(Boolean).join(" "),
    asksByDefault: base.asksByDefault,
    stops: base.stops,
    readOnly: readOnly === undefined ? undefined : { id: readOnly.id },
    rulings: sorted.flatMap(rulingsOf),
    // What the agent's own rules let in counts only within what those for every agent let in.
    environments: intersect(base.environments, intersect(environmentsOf(common), environmentsOf(own))),
    pace: overall?.perSecond === undefined ? undefined : overall,
    // The pace of an agent is kept before a request is read, so it must not be counted again with the calls.
    limits: limits.map((limit) => (limit === overall ? { ...limit, perSecond: undefined } : limit)).filter(isLimiting),
  };
}

/** An agent's own rule is more specific than one for every agent; then one tool, an effect, everything. */
function weightOf({ client_id, tool, effect }: PolicyRuleRow): number {
  return (client_id === null ? 0 : 3) + (tool === null ? (effect === null ? 0 : 1) : 2);
}

function rulingsOf({ id, tool, effect, action, approvers }: PolicyRuleRow): Ruling[] {
  if (action === "allow" || action === "deny") return [{ id, tool, effect, action, approvers: undefined }];
  return action === "approve" ? [{ id, tool, effect, action, approvers: approvers ?? 1 }] : [];
}

function environmentsOf(rules: readonly PolicyRuleRow[]): readonly string[] | undefined {
  const ids = rules.flatMap(({ environment_id }) => environment_id ?? []);
  return ids.length === 0 ? undefined : ids.toSorted();
}

/** For what is counted together, the most specific rule; a rule that names another place is another limit. */
function limitsOf(sorted: readonly PolicyRuleRow[]): readonly Limit[] {
  const limits = new Map<string, Limit>();
  for (const rule of sorted) {
    const place = placeOf(rule);
    if (rule.action !== "limit" || limits.has(place)) continue;
    const perSecond = rule.per_1000_seconds === null ? undefined : rule.per_1000_seconds / 1000;
    limits.set(place, { id: rule.id, workspaceId: rule.workspace_id, place, perSecond, perDay: rule.per_day ?? undefined });
  }
  return [...limits.values()];
}

function isLimiting({ perSecond, perDay }: Limit): boolean {
  return perSecond !== undefined || perDay !== undefined;
}
