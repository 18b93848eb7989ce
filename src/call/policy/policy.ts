import type { PolicyRuleRow } from "../../store/index.ts";
import type { Target } from "../../tool/index.ts";

/** How often an agent may call what the limit covers; the calls that it covers are counted together. */
export interface Limit {
  /** Id of the rule. */
  readonly id: string;
  readonly workspaceId: string;
  /** `*` for all tools, else `tool NAME` or `effect EFFECT`. */
  readonly place: string;
  /** Calls per second over time; undefined for no such limit. */
  readonly perSecond: number | undefined;
  /** Calls a day (UTC); undefined for no such limit. */
  readonly perDay: number | undefined;
}

/** What the kill switch stopped in a workspace, each with the id of the kill. */
export interface Stops {
  readonly workspace: string | undefined;
  readonly tools: ReadonlyMap<string, string>;
  readonly environments: ReadonlyMap<string, string>;
}

/** A rule that allows, denies, or asks for an approval. */
export type Ruling = Pick<PolicyRuleRow, "id" | "tool" | "effect"> &
  ({ readonly action: "allow" | "deny"; readonly approvers: undefined } | { readonly action: "approve"; readonly approvers: number });

/**
 * All that is said about one agent in one workspace. Immutable, and another object as soon as it says something else, so that what was
 * concluded from it can be kept with it.
 */
export interface Policy {
  /** The same text for the same rules, in every process. */
  readonly stamp: string;
  /** Whether a destructive call of which no rule speaks needs the approval of a person. */
  readonly asksByDefault: boolean;
  /** What the kill switch stopped; undefined for nothing. */
  readonly stops: Stops | undefined;
  /** Set when nothing may be changed; `id` is that of the rule, if it is one. */
  readonly readOnly: { readonly id: string | undefined } | undefined;
  /** The most specific first. */
  readonly rulings: readonly Ruling[];
  /** Ids of the environments that the agent is kept in; undefined for all. */
  readonly environments: readonly string[] | undefined;
  /** How often the agent may send anything; `perSecond` is set. */
  readonly pace: Limit | undefined;
  /** The limits of tool calls. */
  readonly limits: readonly Limit[];
}

/** Says nothing about anybody. */
export const NO_POLICY: Policy = {
  stamp: "",
  stops: undefined,
  asksByDefault: false,
  readOnly: undefined,
  rulings: [],
  environments: undefined,
  pace: undefined,
  limits: [],
};

/** What a policy says about one target. */
export interface Said {
  /** `silent`: nothing stands against it. */
  readonly rule: "killed" | "read_only" | "policy_denied" | "needs_approval" | "silent";
  /** How many people must approve each call. */
  readonly approvers: number;
  /** Id of the rule that says it; undefined for what holds without a rule. */
  readonly policyRule: string | undefined;
  readonly limits: readonly Limit[];
}

/** The kill switch beats all, the read-only switch beats `deny`, that beats `approve`, and that beats `allow`; among rules that say the same, the most specific speaks. */
export function consult(policy: Policy, target: Target): Said {
  const kill = policy.stops === undefined ? undefined : killOf(policy.stops, target);
  if (kill !== undefined) return refusing("killed", kill);
  if (policy.readOnly !== undefined && target.effect !== "read") return refusing("read_only", policy.readOnly.id);
  const of = (action: Ruling["action"]) => policy.rulings.find((ruling) => ruling.action === action && covers(ruling, target));
  const denial = of("deny");
  if (denial !== undefined) return refusing("policy_denied", denial.id);
  const asking = of("approve");
  // Only calls of tools can wait for people, so nothing else may go around them.
  if (asking !== undefined && target.kind !== "tool") return refusing("policy_denied", asking.id);
  const limits = target.kind === "tool" ? policy.limits.filter(({ place }) => isWithin(place, target)) : NO_POLICY.limits;
  if (asking?.approvers !== undefined) return { rule: "needs_approval", approvers: asking.approvers, policyRule: asking.id, limits };
  const lifting = of("allow");
  const asks = policy.asksByDefault && target.effect === "destructive" && lifting === undefined;
  return { rule: asks ? "needs_approval" : "silent", approvers: asks ? 1 : 0, policyRule: lifting?.id, limits };
}

function killOf({ workspace, tools }: Stops, { kind, name }: Target): string | undefined {
  return workspace ?? (kind === "tool" ? tools.get(name) : undefined);
}

function refusing(rule: "killed" | "read_only" | "policy_denied", policyRule: string | undefined): Said {
  return { rule, approvers: 0, policyRule, limits: NO_POLICY.limits };
}

function covers({ tool, effect }: Pick<Ruling, "tool" | "effect">, target: Target): boolean {
  if (tool !== null) return target.kind === "tool" && target.name === tool;
  return effect === null || target.effect === effect;
}

export function placeOf({ tool, effect }: Pick<Ruling, "tool" | "effect">): string {
  if (tool !== null) return `tool ${tool}`;
  return effect === null ? "*" : `effect ${effect}`;
}

function isWithin(place: string, { name, effect }: Target): boolean {
  return place === "*" || place === `tool ${name}` || place === `effect ${effect}`;
}

const readOnlyForms = new WeakMap<Policy, Policy>();

/** The policy with the read-only switch on; one object for each policy. */
export function readOnlyOf(policy: Policy): Policy {
  let form = readOnlyForms.get(policy);
  if (form === undefined) {
    form = { ...policy, stamp: `${policy.stamp} readonly`, readOnly: policy.readOnly ?? { id: undefined } };
    readOnlyForms.set(policy, form);
  }
  return form;
}

/** What is in both; undefined stands for all. */
export function intersect(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((id) => b.includes(id));
}
