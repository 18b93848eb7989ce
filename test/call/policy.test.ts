/** The decision under a policy, compared with a plain reading of the rules. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { authorityOf, decide, isListed, NO_POLICY } from "../../src/call/index.ts";
import { compilePolicy } from "../../src/call/policy/compile-policy.ts";
import { readOnlyOf, type Policy } from "../../src/call/policy/policy.ts";
import type { PolicyRuleRow } from "../../src/store/index.ts";
import { createRegistry, type Target } from "../../src/tool/index.ts";
import { policySurface } from "./support/policy-surface.ts";

const registry = createRegistry(policySurface);
const targets: readonly Target[] = [...registry.tools.values(), ...registry.prompts.values(), ...registry.resources.values()];
const TOOLS = [...registry.tools.keys()];

type Rule = Pick<PolicyRuleRow, "client_id" | "tool" | "effect" | "action" | "approvers">;

function row(rule: Partial<PolicyRuleRow>, i: number): PolicyRuleRow {
  const empty = { client_id: null, tool: null, effect: null, approvers: null, environment_id: null, per_1000_seconds: null, per_day: null };
  return {
    id: `pol_${i}`,
    workspace_id: "wks_1",
    action: "deny",
    place: String(i),
    revision: i,
    created_at: 0,
    removed_at: null,
    ...empty,
    ...rule,
  };
}

const ASKING: Policy = { ...NO_POLICY, asksByDefault: true };
const compile = (rules: readonly Partial<PolicyRuleRow>[]) => compilePolicy(rules.map(row), ASKING);

/** The rules as the documentation tells them, one sentence after the other. */
function plainly(rules: readonly Rule[], held: ReadonlySet<string>, target: Target): { rule: string; approvers: number } {
  const isAbout = (rule: Rule) =>
    rule.tool !== null ? target.kind === "tool" && rule.tool === target.name : rule.effect === null || rule.effect === target.effect;
  const order = [
    (rule: Rule) => rule.client_id !== null && rule.tool !== null,
    (rule: Rule) => rule.client_id !== null && rule.effect !== null,
    (rule: Rule) => rule.client_id !== null,
    (rule: Rule) => rule.tool !== null,
    (rule: Rule) => rule.effect !== null,
    () => true,
  ];
  const speaking = (action: Rule["action"]) => {
    const all = rules.filter((rule) => rule.action === action && isAbout(rule));
    for (const fits of order) {
      const found = all.find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  if (rules.some(({ action }) => action === "read_only") && target.effect !== "read") return { rule: "read_only", approvers: 0 };
  if (speaking("deny") !== undefined) return { rule: "policy_denied", approvers: 0 };
  const asking = speaking("approve");
  if (asking !== undefined && target.kind !== "tool") return { rule: "policy_denied", approvers: 0 };
  if (!target.scopes.every((scope) => held.has(scope))) return { rule: "scope_missing", approvers: 0 };
  if (asking !== undefined) return { rule: "needs_approval", approvers: asking.approvers ?? 0 };
  if (target.effect === "destructive" && speaking("allow") === undefined) return { rule: "needs_approval", approvers: 1 };
  return { rule: "all_scopes_held", approvers: 0 };
}

const about = fc.oneof(
  fc.constant({ tool: null, effect: null }),
  fc.record({ tool: fc.constantFrom(...TOOLS), effect: fc.constant(null) }),
  fc.record({ tool: fc.constant(null), effect: fc.constantFrom("read" as const, "write" as const, "destructive" as const) }),
);
const client = fc.constantFrom("agt_1", null);
const ruling = fc
  .tuple(client, about, fc.constantFrom("allow" as const, "deny" as const, "approve" as const), fc.constantFrom(1, 2))
  .filter(([, { tool, effect }, action]) => action !== "allow" || tool !== null || effect !== null)
  .map(([client_id, named, action, approvers]): Rule => ({
    client_id,
    ...named,
    action,
    approvers: action === "approve" ? approvers : null,
  }));
const readOnly = client.map((client_id): Rule => ({ client_id, tool: null, effect: null, action: "read_only", approvers: null }));
/** As many rules as there may be: one of a kind at each place. */
const ruleSets = fc
  .tuple(
    fc.uniqueArray(ruling, { maxLength: 6, selector: ({ client_id, tool, effect }) => JSON.stringify([client_id, tool, effect]) }),
    fc.option(readOnly, { freq: 5, nil: undefined }),
  )
  .map(([rules, off]): readonly Rule[] => (off === undefined ? rules : [...rules, off]));
const scopeSets = fc.subarray([...registry.scopes.names]).map((names) => registry.scopes.parse(names.join(" ")));

test("T14: for any rules and scopes, the decision about every target is the one that a plain reading of the rules gives", () => {
  const property = fc.property(ruleSets, scopeSets, (rules, scopes) => {
    const authority = authorityOf(scopes, compile(rules));
    for (const target of targets) {
      const { rule, approvers, allowed, missing, policyRule } = decide(authority, target);
      assert.deepEqual({ rule, approvers }, plainly(rules, scopes.held, target), `${target.kind} ${target.name}`);
      assert.equal(allowed, rule === "all_scopes_held" || rule === "needs_approval");
      assert.equal(missing.length > 0, rule === "scope_missing");
      assert.equal(isListed(authority, target), allowed || target.discoverable);
      if (rule === "policy_denied") assert.ok(policyRule !== undefined);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

test("no rule makes a call possible that lacks a scope, and a narrowed policy never allows what the policy refuses", () => {
  const property = fc.property(ruleSets, scopeSets, (rules, scopes) => {
    const policy = compile(rules);
    for (const target of targets) {
      const full = decide(authorityOf(scopes, policy), target);
      const narrowed = decide(authorityOf(scopes, readOnlyOf(policy)), target);
      const without = decide(authorityOf(scopes, NO_POLICY), target);
      assert.ok(without.allowed || !full.allowed);
      assert.ok(full.allowed || !narrowed.allowed);
      assert.ok(!narrowed.allowed || target.effect === "read");
    }
  });
  fc.assert(property);
});

describe("which of several rules speaks", () => {
  const ALL = registry.scopes.parse(registry.scopes.names.join(" "));
  const rows: [string, Partial<PolicyRuleRow>[], string, { rule: string; approvers?: number; policyRule?: string | undefined }][] = [
    ["nothing said: scopes decide", [], "look", { rule: "all_scopes_held", policyRule: undefined }],
    ["nothing said: a destructive tool asks one person", [], "wipe", { rule: "needs_approval", approvers: 1, policyRule: undefined }],
    [
      "allow lifts that, for its tool",
      [{ action: "allow", tool: "wipe" }],
      "wipe",
      { rule: "all_scopes_held", approvers: 0, policyRule: "pol_0" },
    ],
    ["and for no other", [{ action: "allow", tool: "mark" }], "wipe", { rule: "needs_approval", approvers: 1 }],
    [
      "allow for the effect lifts it for each",
      [{ action: "allow", effect: "destructive" }],
      "wipe",
      { rule: "all_scopes_held", approvers: 0 },
    ],
    [
      "approve beats allow, however specific that is",
      [
        { action: "allow", tool: "wipe", client_id: "agt_1" },
        { action: "approve", approvers: 2 },
      ],
      "wipe",
      { rule: "needs_approval", approvers: 2, policyRule: "pol_1" },
    ],
    [
      "deny beats approve and allow, however specific they are",
      [{ action: "allow", tool: "mark", client_id: "agt_1" }, { action: "approve", approvers: 1, tool: "mark" }, { action: "deny" }],
      "mark",
      { rule: "policy_denied", policyRule: "pol_2" },
    ],
    [
      "the switch beats deny",
      [{ action: "deny", tool: "mark" }, { action: "read_only" }],
      "mark",
      { rule: "read_only", policyRule: "pol_1" },
    ],
    ["the switch leaves reading alone", [{ action: "read_only" }], "look", { rule: "all_scopes_held" }],
    [
      "of two that ask, the agent's own counts, also for fewer people",
      [
        { action: "approve", approvers: 2, tool: "mark" },
        { action: "approve", approvers: 1, client_id: "agt_1" },
      ],
      "mark",
      { rule: "needs_approval", approvers: 1, policyRule: "pol_1" },
    ],
    [
      "approve holds a reading tool too",
      [{ action: "approve", approvers: 1, tool: "look" }],
      "look",
      { rule: "needs_approval", approvers: 1 },
    ],
    ["a name means a tool only", [{ action: "deny", tool: "greet" }], "greet", { rule: "all_scopes_held" }],
    ["what cannot wait for people is refused", [{ action: "approve", approvers: 1, effect: "read" }], "greet", { rule: "policy_denied" }],
  ];
  for (const [what, rules, name, expected] of rows) {
    test(what, () => {
      const target = targets.find((each) => each.name === name) ?? assert.fail(name);
      const verdict = decide(authorityOf(ALL, compile(rules)), target);
      assert.deepEqual({ ...verdict, ...expected }, verdict);
    });
  }
});

describe("limits and environments", () => {
  test("for each agent, tool or effect the most specific limit counts, and limits of different things all count", () => {
    const policy = compile([
      { action: "limit", per_day: 100, per_1000_seconds: 5000 },
      { action: "limit", client_id: "agt_1", per_day: 50 },
      { action: "limit", tool: "mark", per_day: 10 },
      { action: "limit", effect: "write", per_1000_seconds: 500 },
    ]);
    assert.equal(policy.pace, undefined, "the agent's own limit stands in the place of that for every agent");
    const mark = registry.tools.get("mark") ?? assert.fail();
    const { limits } = decide(authorityOf(registry.scopes.parse("all:write"), policy), mark);
    const seen = limits.map(({ place, perDay, perSecond }) => [place, perDay, perSecond]);
    assert.deepEqual(
      seen.toSorted(([a], [b]) => String(a).localeCompare(String(b))),
      [
        ["*", 50, undefined],
        ["effect write", undefined, 0.5],
        ["tool mark", 10, undefined],
      ],
    );
  });

  test("the overall rate is kept before a request is read, and is not among the limits of calls", () => {
    const policy = compile([{ action: "limit", per_1000_seconds: 2000, per_day: 9 }]);
    assert.equal(policy.pace?.perSecond, 2);
    assert.deepEqual(
      policy.limits.map(({ perSecond, perDay }) => [perSecond, perDay]),
      [[undefined, 9]],
    );
  });

  test("an agent's environments count only within those of every agent", () => {
    const kept = (own: string[], common: string[]) =>
      compile([
        ...own.map((environment_id) => ({ action: "environment" as const, client_id: "agt_1", environment_id })),
        ...common.map((environment_id) => ({ action: "environment" as const, environment_id })),
      ]).environments;
    assert.equal(kept([], []), undefined);
    assert.deepEqual(kept(["b", "a"], []), ["a", "b"]);
    assert.deepEqual(kept([], ["c"]), ["c"]);
    assert.deepEqual(kept(["a", "b"], ["b", "c"]), ["b"]);
    assert.deepEqual(kept(["a"], ["c"]), []);
  });
});
